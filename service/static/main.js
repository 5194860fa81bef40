/** The page: what is drawn or uploaded goes to the service, and its answer comes back here. */

import { Answer } from "./answer.js";
import { Ink, toPng } from "./ink.js";
import { listenToKeys } from "./keyboard.js";
import { Pad } from "./pad.js";
import { Picture } from "./picture.js";
import { Predictor } from "./predictor.js";
import { listenForFiles, toForm } from "./upload.js";

const byId = (id) => document.getElementById(id);

const pad = new Pad(byId("pad"), drawn);
const ink = new Ink(byId("pad"));
const picture = new Picture(byId("picture"));
const answer = new Answer(byId("answer"));
const predictor = new Predictor({
  answered: (prediction, milliseconds) => answer.show(prediction, milliseconds),
  failed: (words) => answer.say(words),
});

byId("undo").addEventListener("click", () => pad.undo());
byId("clear").addEventListener("click", () => pad.clear());
listenToKeys({ undo: () => pad.undo(), clear: () => pad.clear() });
listenForFiles(byId("file"), uploaded);

function drawn() {
  const empty = pad.strokes.length === 0;
  if (empty || picture.isShown) startAfresh();
  ink.show(pad.strokes);
  byId("hint").hidden = !empty;
  if (!empty) predictor.ask(() => toPng(pad.strokes));
}

function uploaded(file) {
  pad.clear();
  picture.show(file);
  byId("hint").hidden = true;
  predictor.ask(() => toForm(file));
}

function startAfresh() {
  predictor.forget();
  picture.remove();
  answer.say("Draw a digit");
}
