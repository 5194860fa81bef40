/** Show a prediction: the digit, its confidence or the reason to reject it, ten bars, and the image that the model read. */

/** @import { Announcer } from "./announcer.js" */
/** @import { Prediction } from "../api/predictor.js" */

import { format, texts, toPercent } from "../texts.js";

export class Answer {
  #root;
  #announcer;

  /**
   * @param {HTMLElement} root the section of the answer.
   * @param {Announcer} announcer
   */
  constructor(root, announcer) {
    this.#root = root;
    this.#announcer = announcer;
  }

  /**
   * @param {Prediction} prediction
   * @param {number} milliseconds from the request to the response.
   */
  show(prediction, milliseconds) {
    const { probabilities, reason, canonical, model } = prediction;
    if (reason === "blank") return this.say(texts.draw);
    const candidates = reason === "not_a_digit" ? [] : mostProbable(probabilities, reason === "ambiguous" ? 2 : 1);
    const words = toWords(prediction, candidates);
    this.#verdict(reason === "not_a_digit" ? "?" : prediction.digit, words, reason);
    this.#bars(probabilities, candidates);
    const origin = { model: model.name, version: model.version, milliseconds: Math.round(milliseconds) };
    this.#seen(canonical, format(texts.origin, origin));
    this.#announcer.say(reason ? words : `${prediction.digit}, ${words}`);
  }

  /** @param {string} words shown instead of an answer. */
  say(words) {
    this.#verdict("", words, null);
    this.#bars([], []);
    this.#seen(null, "");
    this.#announcer.say(words);
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

  #part(selector) {
    return this.#root.querySelector(selector);
  }
}

function toWords({ confidence, reason }, candidates) {
  if (reason === "not_a_digit") return texts.not_a_digit;
  if (reason !== "ambiguous") return toPercent(confidence);
  const [first, second] = candidates.map((digit) => texts.digits[digit]);
  return format(texts.ambiguous, { first, second });
}

function mostProbable(probabilities, count) {
  return [...probabilities.keys()].sort((a, b) => probabilities[b] - probabilities[a]).slice(0, count);
}
