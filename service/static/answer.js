/** The answer: the digit, words on whether to trust it, ten bars, and what the model saw. */

/** @import { Prediction } from "./predictor.js" */

const SETTLED = 200; // ms without change until the answer is read aloud

export class Answer {
  #root;
  #settling;

  /** @param {HTMLElement} root the section with all the parts. */
  constructor(root) {
    this.#root = root;
  }

  /**
   * @param {Prediction} prediction
   * @param {number} milliseconds that it took.
   */
  show(prediction, milliseconds) {
    const { probabilities, reason, canonical, model } = prediction;
    if (reason === "blank") return this.say("Draw a digit");
    const candidates = reason === "not_a_digit" ? [] : mostProbable(probabilities, reason === "ambiguous" ? 2 : 1);
    const words = toWords(prediction, candidates);
    this.#verdict(reason === "not_a_digit" ? "?" : prediction.digit, words, reason);
    this.#bars(probabilities, candidates);
    this.#seen(canonical, `${model.name} ${model.version}, ${Math.round(milliseconds)}\u00a0ms`);
    this.#announce(reason ? words : `${prediction.digit}, ${words}`);
  }

  /** @param {string} words shown in place of an answer. */
  say(words) {
    this.#verdict("", words, null);
    this.#bars([], []);
    this.#seen(null, "");
    this.#announce(words);
  }

  #verdict(digit, words, reason) {
    this.#root.toggleAttribute("data-reason", reason !== null);
    this.#part(".digit").textContent = digit;
    this.#part(".words").textContent = words;
  }

  #bars(probabilities, candidates) {
    for (const [digit, row] of this.#root.querySelectorAll(".bars li").entries()) {
      row.classList.toggle("candidate", candidates.includes(digit));
      row.querySelector(".bar").style.setProperty("--share", probabilities[digit] ?? 0);
      row.querySelector(".share").textContent = digit in probabilities ? toPercent(probabilities[digit]) : "";
    }
  }

  #seen(canonical, origin) {
    const image = this.#part(".seen img");
    image.hidden = !canonical;
    if (canonical) image.src = canonical;
    this.#part(".origin").textContent = origin;
  }

  /** Once it has settled: a screen reader does not follow every point of a stroke. */
  #announce(text) {
    clearTimeout(this.#settling);
    this.#settling = setTimeout(() => {
      const status = this.#part("[role=status]");
      if (status.textContent !== text) status.textContent = text;
    }, SETTLED);
  }

  #part(selector) {
    return this.#root.querySelector(selector);
  }
}

function toWords({ confidence, reason }, candidates) {
  if (reason === "not_a_digit") return "This does not look like a digit";
  if (reason === "ambiguous") return `Could be ${candidates.map(withArticle).join(" or ")}`;
  return toPercent(confidence);
}

function withArticle(digit) {
  return `${digit === 8 ? "an" : "a"}\u00a0${digit}`;
}

function mostProbable(probabilities, count) {
  return [...probabilities.keys()].sort((a, b) => probabilities[b] - probabilities[a]).slice(0, count);
}

/** One decimal, and never 100: nothing read from a drawing is certain. */
function toPercent(probability) {
  return `${Math.min(100 * probability, 99.9).toFixed(1)}\u00a0%`;
}
