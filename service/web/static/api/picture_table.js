/** A table of several pictures with what is read from them, which can be saved as CSV or JSON. */

import { download } from "./download.js";
import { Predictor } from "./predictor.js";
import { read } from "./reading.js";
import { isSvg, scaled, toForm } from "./upload.js";
import { Panel } from "../draw/panel.js";
import { format, texts, toPercent } from "../texts.js";

const NO_DIGIT = ["not_a_digit", "several_digits"];
const AT_ONCE = 2; // requests in progress
const BYTE_ORDER_MARK = "\ufeff"; // so that spreadsheets read the file as UTF-8
const COLUMNS = ["file", "number", "digit", "confidence", "digit_score", "accepted", "reason", "error"];

export class PictureTable {
  #body;
  #panel;
  #results = [];
  #predictors = [];

  /** @param {HTMLElement} root a panel with a table and two buttons, `.csv` and `.json`. */
  constructor(root) {
    this.#body = root.querySelector("tbody");
    this.#panel = new Panel(root, { closed: () => this.#stop() });
    root.querySelector(".csv").addEventListener("click", () => {
      download("digits.csv", "text/csv", BYTE_ORDER_MARK + toCsv(this.#results));
    });
    root.querySelector(".json").addEventListener("click", () => {
      download("digits.json", "application/json", JSON.stringify(this.#results, null, 2));
    });
  }

  /**
   * Show and read pictures in place of the previous ones.
   *
   * @param {File[]} files
   */
  read(files) {
    this.#stop();
    const rows = files.map(toRow);
    this.#results = files.map((file) => ({ file: file.name, error: texts.remark_unanswered }));
    this.#body.querySelectorAll("img").forEach((image) => URL.revokeObjectURL(image.src));
    this.#body.replaceChildren(...rows);
    const waiting = [...files.entries()];
    this.#predictors = Array.from({ length: AT_ONCE }, () => this.#readAll(waiting, rows));
    this.#panel.open();
  }

  /** Read one of the waiting pictures after the other, each until there is an answer or a refusal. */
  #readAll(waiting, rows) {
    let row;
    let result;
    const readNext = async () => {
      if (!waiting.length) return;
      const [i, file] = waiting.shift();
      row = rows[i];
      result = this.#results[i];
      if (isSvg(file)) return finish({ error: texts.svg });
      const sent = await scaled(file);
      if (!this.#predictors.includes(predictor)) return; // closed, or replaced
      const toBody = () => toForm(sent);
      predictor.ask({ digit: toBody, number: toBody, progressed: (share) => showProgress(row, share) });
    };
    const finish = (found) => {
      delete result.error;
      fill(row, Object.assign(result, found));
      readNext();
    };
    const predictor = new Predictor(read, 0, {
      answered: (answer) => finish(toResult(answer)),
      failed: (words, again) => (again ? remark(row, words) : finish({ error: words })),
    });
    readNext();
    return predictor;
  }

  #stop() {
    this.#predictors.forEach((predictor) => predictor.forget());
    this.#predictors = [];
  }
}

function toResult(answer) {
  if (answer.digits) {
    const { number, digits, lines, accepted, reason } = answer;
    return { number, accepted, reason, digits, lines };
  }
  const { digit, confidence, digit_score, accepted, reason, probabilities } = answer;
  return { digit, confidence, digit_score, accepted, reason, probabilities };
}

function toRow(file) {
  const row = document.createElement("tr");
  const image = document.createElement("img");
  image.alt = "";
  if (isSvg(file)) image.style.visibility = "hidden";
  else image.src = URL.createObjectURL(file);
  image.addEventListener("error", () => (image.style.visibility = "hidden")); // keep its place, so that names stay aligned
  const name = document.createElement("th");
  name.scope = "row";
  name.append(image, file.name);
  row.append(name, ...[0, 1, 2].map(() => document.createElement("td")));
  remark(row, texts.remark_waiting);
  return row;
}

function fill(row, { number, digit, confidence, reason, error }) {
  const isDigit = !NO_DIGIT.includes(reason) && reason !== "blank";
  row.cells[1].textContent = number ?? (isDigit ? (digit ?? "") : "");
  row.cells[2].textContent = isDigit && confidence !== undefined ? toPercent(confidence) : "";
  remark(row, error ?? (reason ? texts[`remark_${reason}`] : ""));
}

function remark(row, words) {
  row.cells[3].textContent = words;
}

function showProgress(row, share) {
  remark(row, share < 1 ? format(texts.sending, { percent: Math.floor(100 * share) }) : texts.reading);
}

/** Write CSV by RFC 4180. */
function toCsv(results) {
  const quoted = (value) => `"${String(value ?? "").replaceAll('"', '""')}"`;
  const lines = results.map((result) => COLUMNS.map((column) => quoted(result[column])).join(","));
  return [COLUMNS.join(","), ...lines, ""].join("\r\n");
}
