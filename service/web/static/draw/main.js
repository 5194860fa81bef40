/** The page: what is drawn or uploaded goes to the service, and its answer comes back here. */

import { Announcer } from "./announcer.js";
import { Answer } from "./answer.js";
import { Correction } from "./correction.js";
import { Cursor } from "./cursor.js";
import { Drawing } from "./drawing.js";
import { carryStrokes, carriedStrokes } from "./crossing.js";
import { Inside } from "../inspect/inside.js";
import { Ink, toPng } from "./ink.js";
import { listenToKeys } from "./keyboard.js";
import { Listing } from "../api/listing.js";
import { Pad } from "./pad.js";
import { Panel } from "./panel.js";
import { Picture } from "../api/picture.js";
import { Pictures } from "../api/pictures.js";
import { Predictor } from "../api/predictor.js";
import { toCode } from "../api/request.js";
import { offerSamples } from "./samples.js";
import { format, texts } from "../texts.js";
import { listenForFiles, toForm } from "../api/upload.js";

const PREDICT = "predict?canonical=1";
const EXPLAIN = "predict?explain=1";
const PACE = 25; // ms from one question to the next, so that an answer is less than 50 ms behind the pen
const EXPLAIN_PACE = 150; // ms; an explanation is a hundred times the work
const PENS = [0.04, 0.07, 0.11]; // widths, of the side
const MEDIUM = 1;

const byId = (id) => document.getElementById(id);

const announcer = new Announcer(document.querySelector("[role=status]"));
const drawing = new Drawing(drawn);
const pad = new Pad(byId("pad"), drawing);
const ink = new Ink(byId("pad"));
const picture = new Picture(byId("picture"));
const answer = new Answer(byId("answer"), announcer);
const predictor = new Predictor(PREDICT, PACE, {
  answered: (prediction, milliseconds) => {
    answer.show(prediction, milliseconds);
    remember(prediction);
  },
  failed: (words) => {
    answer.say(words);
    remember(null);
  },
});
const pictures = new Pictures(byId("pictures"));
const picturesPanel = new Panel(byId("pictures"));
const requestPanel = new Panel(byId("request"), showRequest);
const inside = new Inside(byId("inside"));
const insidePanel = new Panel(byId("inside"), () => {
  if (question) inside.expect();
  explain();
});
const explainer = new Predictor(EXPLAIN, EXPLAIN_PACE, {
  answered: (prediction) => inside.show(prediction),
  failed: (words) => inside.say(words),
});
const listings = [...document.querySelectorAll(".code")].map((figure) => new Listing(figure));

/** Makes the body of the question that is before the service. */
let question = null;
/** The answer to it. */
let latest = null;

new Cursor(byId("pad"), byId("cursor"), drawing, pad, (isDown) => {
  byId("pen-state").textContent = isDown ? texts.pen_down : texts.pen_up;
});
byId("undo").addEventListener("click", () => drawing.undo());
byId("redo").addEventListener("click", () => drawing.redo());
byId("clear").addEventListener("click", clear);
byId("pen").addEventListener("click", () => takePen((PENS.indexOf(pad.width) + 1) % PENS.length));
byId("eraser").addEventListener("click", toggleEraser);
new Correction(byId("correction"), () => ({
  image: picture.isShown ? question().get("image") : question(),
  strokes: drawing.strokes,
  prediction: latest,
}));
listenToKeys({ undo: () => drawing.undo(), redo: () => drawing.redo(), clear, erase: toggleEraser });
listenForFiles([byId("file"), byId("camera")], uploaded);
offerSamples(byId("samples"), (strokes) => drawing.replace(strokes));
byId("language").addEventListener("click", () => carryStrokes(drawing.strokes));

takePen(MEDIUM);
const carried = carriedStrokes();
if (carried.length) drawing.replace(carried);

function drawn() {
  if (drawing.isEmpty || picture.isShown) startAfresh();
  ink.show(drawing.strokes);
  byId("hint").hidden = !drawing.isEmpty;
  if (!drawing.isEmpty) ask(() => toPng(drawing.strokes));
}

function uploaded(files) {
  if (files.length > 1) {
    pictures.read(files, PREDICT);
    picturesPanel.open();
    return;
  }
  const [file] = files;
  drawing.clear();
  startAfresh(); // or the answer to the picture before would stand beside this one
  picture.show(file);
  byId("hint").hidden = true;
  ask(() => toForm(file));
}

function ask(newest) {
  question = newest;
  predictor.ask(question);
  explain();
  showRequest();
}

function explain() {
  if (question && insidePanel.isOpen) explainer.ask(question);
}

async function showRequest() {
  if (!question || !requestPanel.isOpen) return;
  const code = await toCode(PREDICT, question());
  listings.forEach((listing, i) => listing.show(code[i]));
}

function clear() {
  if (picture.isShown) startAfresh();
  drawing.clear();
  byId("hint").hidden = false;
}

function startAfresh() {
  question = null;
  remember(null);
  predictor.forget();
  explainer.forget();
  inside.say(texts.inside_wait);
  picture.remove();
  answer.say(texts.draw);
}

function remember(prediction) {
  latest = prediction;
  byId("correct").disabled = !prediction || prediction.reason === "blank";
}

function takePen(size) {
  pad.width = PENS[size];
  byId("pen").dataset.size = size;
  byId("pen").setAttribute("aria-label", format(texts.pen_is, { width: texts.pen_widths[size] }));
}

function toggleEraser() {
  pad.isErasing = !pad.isErasing;
  byId("eraser").setAttribute("aria-pressed", pad.isErasing);
  byId("pad").classList.toggle("erasing", pad.isErasing);
}
