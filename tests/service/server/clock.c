/* The wall clock, as many seconds from the machine's own as the file that CLOCK_OFFSET names says; the monotonic one as it is.
   libfaketime would do, but that it takes Python's sleeps, which are until a monotonic time, for ones until a wall time.
   No header is needed, so that a compiler alone builds it. */

struct timespec { long tv_sec; long tv_nsec; };
struct timeval { long tv_sec; long tv_usec; };

extern void *dlsym(void *, const char *);
extern char *getenv(const char *);
extern int open(const char *, int, ...);
extern void *mmap(void *, unsigned long, int, int, int, long);

static volatile long *offset;

__attribute__((constructor)) static void begin(void) {
    if (getenv("CLOCK_OFFSET")) /* processes that inherit the library but not the variable keep the machine's clock */
        offset = mmap(0, sizeof(long), 1 /* read */, 1 /* shared */, open(getenv("CLOCK_OFFSET"), 0), 0);
}

int clock_gettime(int clock, struct timespec *now) {
    static int (*machines)(int, struct timespec *);
    if (!machines)
        machines = dlsym((void *)-1 /* the next */, "clock_gettime");
    int failed = machines(clock, now);
    if (!failed && offset && (clock == 0 || clock == 5)) /* real time, and the coarse one */
        now->tv_sec += *offset;
    return failed;
}

int gettimeofday(struct timeval *now, void *zone) {
    struct timespec precise;
    clock_gettime(0, &precise);
    now->tv_sec = precise.tv_sec;
    now->tv_usec = precise.tv_nsec / 1000;
    return 0;
}

long time(long *now) {
    struct timespec precise;
    clock_gettime(0, &precise);
    if (now)
        *now = precise.tv_sec;
    return precise.tv_sec;
}
