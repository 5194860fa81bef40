/** What is said of a number and of its digits. */

/** @import { ReadDigit, Reading } from "../api/reading.js" */

import { format, texts, toPercent } from "../texts.js";

const LEAST = 0.01; // share from which on a second digit is named

/** @returns {number[]} the digits that an answer may mean, first the most probable. */
export function candidates({ probabilities, reason }) {
  if (reason === "not_a_digit" || reason === "several_digits") return [];
  const [first, second] = [...probabilities.keys()].sort((a, b) => probabilities[b] - probabilities[a]);
  return reason === "ambiguous" && probabilities[second] >= LEAST ? [first, second] : [first];
}

/** @param {ReadDigit} digit or a prediction. */
export function digitWords(digit) {
  if (digit.reason === null) return toPercent(digit.confidence);
  if (digit.reason !== "ambiguous") return texts[digit.reason];
  const [first, second] = candidates(digit).map((value) => texts.digits[value]);
  if (!second) return texts.in_doubt; // the network for numbers doubts what that for digits does not
  return format(texts.ambiguous, { first, second });
}

/** @param {Reading} reading */
export function placeWords({ digits }, index) {
  return format(texts.place, { place: index + 1, count: digits.length });
}

/** @returns {string} a line of text if a number is in doubt as a whole, and not one digit of it. */
export function doubtWords({ reason, digits }) {
  return reason && digits.every((digit) => digit.reason === null) ? `${texts.number_ambiguous}\n` : "";
}

/** @returns {string} all about one digit, for a screen reader. */
export function digitName(reading, index) {
  const digit = reading.digits[index];
  return `${digit.digit}, ${placeWords(reading, index)}, ${digitWords(digit)}`;
}

/** @returns {string} all about a number, for a screen reader. */
export function numberWords(reading) {
  const number = reading.lines.map((line) => line.number).join("; ");
  if (reading.reason === null) return number;
  const doubtful = reading.digits.findIndex(({ reason }) => reason !== null);
  const detail = doubtful < 0 ? "" : `. ${placeWords(reading, doubtful)}: ${digitWords(reading.digits[doubtful])}`;
  return `${number}. ${texts.number_ambiguous}${detail}`;
}

/** @returns {string} the question which digit a prediction, or one digit of a reading, should have been. */
export function correctionWords(answer, index) {
  if (!answer?.digits) return texts.correct_ask;
  return format(texts.correct_ask_place, { place: placeWords(answer, index), digit: answer.digits[index].digit });
}
