/** A table of several pictures with their predictions, which can be saved as CSV or JSON. */

import { download } from "./download.js";
import { read } from "./reading.js";
import { texts, toPercent } from "../texts.js";
import { toForm } from "./upload.js";

const NO_DIGIT = ["not_a_digit", "several_digits"];
const AT_ONCE = 2; // requests in progress
const BYTE_ORDER_MARK = "\ufeff"; // so that spreadsheets read the file as UTF-8
const COLUMNS = ["file", "number", "digit", "confidence", "digit_score", "accepted", "reason", "error"];

export class PictureTable {
  #body;
  #results = [];

  /** @param {HTMLElement} root with a table and two buttons, `.csv` and `.json`. */
  constructor(root) {
    this.#body = root.querySelector("tbody");
    root.querySelector(".csv").addEventListener("click", () => {
      download("digits.csv", "text/csv", BYTE_ORDER_MARK + toCsv(this.#results));
    });
    root.querySelector(".json").addEventListener("click", () => {
      download("digits.json", "application/json", JSON.stringify(this.#results, null, 2));
    });
  }

  /**
   * Show and predict pictures in place of the previous ones.
   *
   * @param {File[]} files
   */
  async read(files) {
    const results = files.map((file) => ({ file: file.name }));
    const rows = files.map(toRow);
    this.#results = results;
    this.#body.querySelectorAll("img").forEach((image) => URL.revokeObjectURL(image.src));
    this.#body.replaceChildren(...rows);
    const waiting = files.entries();
    const readNext = async () => {
      for (const [i, file] of waiting) {
        const makeForm = () => toForm(file);
        Object.assign(results[i], toResult(await read({ digit: makeForm, number: makeForm })));
        fill(rows[i], results[i]);
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, readNext));
  }
}

function toResult({ answer, words }) {
  if (!answer) return { error: words };
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
  image.src = URL.createObjectURL(file);
  image.addEventListener("error", () => (image.style.visibility = "hidden")); // keep its place, so that names stay aligned
  const name = document.createElement("th");
  name.scope = "row";
  name.append(image, file.name);
  row.append(name, ...[0, 1, 2].map(() => document.createElement("td")));
  row.cells[3].textContent = texts.remark_waiting;
  return row;
}

function fill({ cells }, { number, digit, confidence, reason, error }) {
  cells[1].textContent = number ?? (NO_DIGIT.includes(reason) ? "" : (digit ?? ""));
  cells[2].textContent = confidence === undefined || reason === "blank" ? "" : toPercent(confidence);
  cells[3].textContent = error ?? (reason ? texts[`remark_${reason}`] : "");
}

/** Write CSV by RFC 4180. */
function toCsv(results) {
  const quoted = (value) => `"${String(value ?? "").replaceAll('"', '""')}"`;
  const lines = results.map((result) => COLUMNS.map((column) => quoted(result[column])).join(","));
  return [COLUMNS.join(","), ...lines, ""].join("\r\n");
}
