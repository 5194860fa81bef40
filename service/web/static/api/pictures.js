/** Several pictures at once: a table of what each was read as, to be looked over and saved. */

import { download } from "./download.js";
import { post } from "./service.js";
import { texts, toPercent } from "../texts.js";
import { toForm } from "./upload.js";

const AT_ONCE = 2; // questions under way
const BYTE_ORDER_MARK = "\ufeff"; // without which a spreadsheet takes UTF-8 for something else
const COLUMNS = ["file", "digit", "confidence", "digit_score", "accepted", "reason", "error"];

export class Pictures {
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
   * Reads pictures in place of those before.
   *
   * @param {File[]} files
   * @param {string} address asked about each.
   */
  async read(files, address) {
    const results = files.map((file) => ({ file: file.name }));
    const rows = files.map(toRow);
    this.#results = results;
    this.#body.querySelectorAll("img").forEach((image) => URL.revokeObjectURL(image.src));
    this.#body.replaceChildren(...rows);
    const waiting = files.entries();
    const readNext = async () => {
      for (const [i, file] of waiting) {
        Object.assign(results[i], toResult(await post(address, toForm(file))));
        fill(rows[i], results[i]);
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, readNext));
  }
}

function toResult({ answer, words }) {
  if (!answer) return { error: words };
  const { digit, confidence, digit_score, accepted, reason, probabilities } = answer;
  return { digit, confidence, digit_score, accepted, reason, probabilities };
}

function toRow(file) {
  const row = document.createElement("tr");
  const image = document.createElement("img");
  image.alt = "";
  image.src = URL.createObjectURL(file);
  image.addEventListener("error", () => (image.style.visibility = "hidden")); // its place stays, or names would not align
  const name = document.createElement("th");
  name.scope = "row";
  name.append(image, file.name);
  row.append(name, ...[0, 1, 2].map(() => document.createElement("td")));
  row.cells[3].textContent = texts.remark_waiting;
  return row;
}

function fill({ cells }, { digit, confidence, reason, error }) {
  cells[1].textContent = reason === "not_a_digit" ? "" : (digit ?? "");
  cells[2].textContent = error || reason === "blank" ? "" : toPercent(confidence);
  cells[3].textContent = error ?? (reason ? texts[`remark_${reason}`] : "");
}

/** As RFC 4180 has it. */
function toCsv(results) {
  const quoted = (value) => `"${String(value ?? "").replaceAll('"', '""')}"`;
  const lines = results.map((result) => COLUMNS.map((column) => quoted(result[column])).join(","));
  return [COLUMNS.join(","), ...lines, ""].join("\r\n");
}
