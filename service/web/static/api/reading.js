/** Ask the service what a drawing or a picture says: one digit or, if it may be more, a number. */

/** @import { Outcome } from "./post.js" */

import { post } from "./post.js";

export const PREDICT = "predict?canonical=1";
export const READ = "read";
const PERHAPS_SEVERAL = ["several_digits", "not_a_digit"];

/**
 * @typedef {object} Question
 * @property {() => Blob|FormData} digit makes the body that asks for one digit.
 * @property {() => Blob|FormData} number makes the body that asks for a number.
 * @property {(share: number) => void} [progressed] called with the share of a body that has left, 0..1.
 */

/**
 * @typedef {object} ReadDigit a digit of a number; see `Prediction` for what it shares with one.
 * @property {number} digit
 * @property {[number, number, number, number]} box x, y, width and height, in the unit of what was sent.
 * @property {number[]} probabilities
 * @property {number} confidence
 * @property {?("ambiguous"|"not_a_digit")} reason
 */

/**
 * @typedef {object} Reading a number.
 * @property {string} number its lines, joined by newlines; empty if there is none.
 * @property {ReadDigit[]} digits in reading order.
 * @property {{number: string, digits: [number, number]}[]} lines the first of its digits, and the one after the last.
 * @property {?("blank"|"not_a_number"|"ambiguous")} reason why the number is not accepted; null if it is.
 * @property {{name: string, version: number}} model
 */

/**
 * Ask for one digit, which is quick, and for a number only if the answer is no digit or several.
 *
 * @param {Question} question
 * @param {AbortSignal} [signal]
 * @returns {Promise<Outcome>} whose answer is a Prediction or a Reading.
 */
export async function read(question, signal) {
  const { progressed } = question;
  const one = await post(PREDICT, question.digit(), { signal, progressed });
  if (!PERHAPS_SEVERAL.includes(one.answer?.reason)) return one;
  const several = await post(READ, question.number(), { signal, progressed });
  if (several.again) return several;
  return { answer: choose(one.answer, several.answer), milliseconds: one.milliseconds + (several.milliseconds ?? 0) };
}

/** Choose between what was read as one digit, which it is not, and as a number, if it was. */
function choose(prediction, reading) {
  const count = reading?.digits.length;
  if (count > 1) return reading;
  if (prediction.reason === "not_a_digit" || count === undefined) return prediction;
  if (count === 0) return { ...prediction, reason: "not_a_digit" };
  return { ...prediction, ...reading.digits[0], model: reading.model };
}
