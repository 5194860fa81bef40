/** The page: send each drawing or upload to the service, and show its answers. */

import { Announcer } from "./announcer.js";
import { Answer } from "./answer.js";
import { Correction } from "./correction.js";
import { Cursor } from "./cursor.js";
import { Drawing } from "./drawing.js";
import { saveStrokes, takeSavedStrokes } from "./saved_strokes.js";
import { NetworkPanel } from "../inspect/network_panel.js";
import { Ink, toPng } from "./ink.js";
import { listenToShortcuts } from "./shortcuts.js";
import { CodeExample } from "../api/code_example.js";
import { Pad } from "./pad.js";
import { Panel } from "./panel.js";
import { UploadedPicture } from "../api/uploaded_picture.js";
import { PictureTable } from "../api/picture_table.js";
import { Predictor } from "../api/predictor.js";
import { toCode } from "../api/request_code.js";
import { showSampleDigits } from "./sample_digits.js";
import { format, texts } from "../texts.js";
import { listenForFiles, toForm } from "../api/upload.js";

const PREDICT = "predict?canonical=1";
const EXPLAIN = "predict?explain=1";
const PACE = 25; // ms between requests, so that an answer is less than 50 ms behind the pen
const EXPLAIN_PACE = 150; // ms between requests for explanations, which take a hundred times as long
const PENS = [0.04, 0.07, 0.11]; // widths, of the side
const MEDIUM = 1;

const byId = (id) => document.getElementById(id);

const announcer = new Announcer(document.querySelector("[role=status]"));
const drawing = new Drawing(drawn);
const pad = new Pad(byId("pad"), drawing);
const ink = new Ink(byId("pad"));
const picture = new UploadedPicture(byId("picture"));
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
const pictureTable = new PictureTable(byId("pictures"));
const picturesPanel = new Panel(byId("pictures"));
const requestPanel = new Panel(byId("request"), showRequest);
const networkPanel = new NetworkPanel(byId("inside"));
const insidePanel = new Panel(byId("inside"), () => {
  if (question) networkPanel.expect();
  explain();
});
const explainer = new Predictor(EXPLAIN, EXPLAIN_PACE, {
  answered: (prediction) => networkPanel.show(prediction),
  failed: (words) => networkPanel.say(words),
});
const codeExamples = [...document.querySelectorAll(".code")].map((figure) => new CodeExample(figure));

/** Makes the body of the latest request; null while there is none. */
let question = null;
/** The prediction for it. */
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
listenToShortcuts({ undo: () => drawing.undo(), redo: () => drawing.redo(), clear, erase: toggleEraser });
listenForFiles([byId("file"), byId("camera")], uploaded);
showSampleDigits(byId("samples"), (strokes) => drawing.replace(strokes));
byId("language").addEventListener("click", () => saveStrokes(drawing.strokes));

takePen(MEDIUM);
const saved = takeSavedStrokes();
if (saved.length) drawing.replace(saved);

function drawn() {
  if (drawing.isEmpty || picture.isShown) startAfresh();
  ink.show(drawing.strokes);
  byId("hint").hidden = !drawing.isEmpty;
  if (!drawing.isEmpty) ask(() => toPng(drawing.strokes));
}

function uploaded(files) {
  if (files.length > 1) {
    pictureTable.read(files, PREDICT);
    picturesPanel.open();
    return;
  }
  const [file] = files;
  drawing.clear();
  startAfresh(); // otherwise the previous answer would stay beside this picture
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
  codeExamples.forEach((example, i) => example.show(code[i]));
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
  networkPanel.say(texts.inside_wait);
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
