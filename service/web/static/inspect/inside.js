/** The panel "Look inside" and its questions; its code is fetched when it first opens. */

import { post } from "../api/post.js";
import { Predictor } from "../api/predictor.js";
import { Panel } from "../draw/panel.js";
import { texts } from "../texts.js";

const EXPLAIN = "predict?explain=1";
const PACE = 150; // ms between requests, which take a hundred times as long as one for an answer

export class Inside {
  #section;
  #panel;
  #explainer;
  #toQuestion;
  #network = null;

  /**
   * @param {HTMLElement} section
   * @param {() => ?(() => Blob|FormData)} toQuestion returns what makes the body that asks for the current digit.
   */
  constructor(section, toQuestion) {
    this.#section = section;
    this.#toQuestion = toQuestion;
    this.#panel = new Panel(section, { opened: () => this.explain() });
    this.#explainer = new Predictor((makeBody, signal) => this.#ask(makeBody, signal), PACE, {
      answered: (prediction) => this.#show(prediction),
      failed: (words) => this.#say(words),
    });
  }

  /** Ask what the network makes of the current digit, if the panel is open. */
  explain() {
    const question = this.#toQuestion();
    if (!question || !this.#panel.isOpen) return;
    if (this.#section.classList.contains("empty")) this.#say("", false);
    this.#explainer.ask(question);
  }

  forget() {
    this.#explainer.forget();
    this.#say(texts.inside_wait);
  }

  async #ask(makeBody, signal) {
    const module = import("./network_panel.js").catch(() => null);
    const outcome = await post(EXPLAIN, makeBody(), { signal });
    const loaded = await module;
    if (!loaded) return { words: texts.unreachable, again: true, retryAfter: 0 };
    this.#network ??= new loaded.NetworkPanel(this.#section);
    return outcome;
  }

  #show(prediction) {
    if (!prediction.explanation) return this.#say(texts.inside_wait);
    this.#say("", false);
    this.#network.show(prediction);
  }

  /**
   * @param {string} words
   * @param {boolean} isEmpty whether they stand in place of an explanation; otherwise there is room for one.
   */
  #say(words, isEmpty = true) {
    if (isEmpty) this.#network?.forget();
    this.#section.classList.toggle("empty", isEmpty);
    this.#section.querySelector(".lead").textContent = words;
  }
}
