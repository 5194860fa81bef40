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
import { Patience } from "./patience.js";
import { Sheet } from "./sheet.js";
import { NumberInk } from "../number/number_ink.js";
import { NumberPicture } from "../number/number_picture.js";
import { correctionWords } from "../number/number_words.js";
import { toRequest } from "../number/stroke_request.js";
import { UploadedPicture } from "../api/uploaded_picture.js";
import { PictureTable } from "../api/picture_table.js";
import { post } from "../api/post.js";
import { Predictor } from "../api/predictor.js";
import { PREDICT, READ, read } from "../api/reading.js";
import { toCode } from "../api/request_code.js";
import { showSampleDigits } from "./sample_digits.js";
import { format, texts } from "../texts.js";
import { listenForFiles, toForm } from "../api/upload.js";

const EXPLAIN = "predict?explain=1";
const PACE = 25; // ms between requests, so that an answer is less than 50 ms behind the pen
const EXPLAIN_PACE = 150; // ms between requests for explanations, which take a hundred times as long
const PENS = [0.025, 0.04, 0.07, 0.11]; // widths, of the height of the sheet
const MEDIUM = 2;

const byId = (id) => document.getElementById(id);

const announcer = new Announcer(document.querySelector("[role=status]"));
const drawing = new Drawing(drawn);
const sheet = new Sheet(byId("pad"));
const pad = new Pad(byId("pad"), drawing, sheet, () => patience.end());
const patience = new Patience(() => pad.isDown);
const ink = new Ink(byId("pad"), sheet);
const picture = new UploadedPicture(byId("picture"));
const answer = new Answer(byId("answer"), announcer, showDigit);
const numberInk = new NumberInk(drawing, sheet, picture);
const numberPicture = new NumberPicture(byId("picture"), byId("zoom"), answer.digits);
const predictor = new Predictor(read, PACE, {
  answered: (result, milliseconds) => patience.answer(result.reason === null, () => show(result, milliseconds)),
  failed: (words) => {
    patience.forget();
    remember(null);
    answer.say(words);
  },
});
const closeUp = new Predictor((makeBody, signal) => post(PREDICT, makeBody(), signal), PACE, {
  answered: ({ canonical }) => answer.showSeen(canonical),
  failed: () => answer.showSeen(null),
});
const pictureTable = new PictureTable(byId("pictures"));
const picturesPanel = new Panel(byId("pictures"));
const requestPanel = new Panel(byId("request"), showRequest);
const networkPanel = new NetworkPanel(byId("inside"));
const insidePanel = new Panel(byId("inside"), () => {
  if (question) networkPanel.expect();
  explain();
});
const explainer = new Predictor((makeBody, signal) => post(EXPLAIN, makeBody(), signal), EXPLAIN_PACE, {
  answered: (prediction) => networkPanel.show(prediction),
  failed: (words) => networkPanel.say(words),
});
const codeExamples = [...document.querySelectorAll(".code")].map((figure) => new CodeExample(figure));

/** The latest question; null while there is none. */
let question = null;
/** The prediction or the reading that answers it. */
let latest = null;

new Cursor(byId("pad"), byId("cursor"), drawing, pad, sheet, (isDown) => {
  byId("pen-state").textContent = isDown ? texts.pen_down : texts.pen_up;
});
byId("undo").addEventListener("click", () => drawing.undo());
byId("redo").addEventListener("click", () => drawing.redo());
byId("clear").addEventListener("click", clear);
byId("pen").addEventListener("click", () => takePen((PENS.indexOf(pad.width) + 1) % PENS.length));
byId("eraser").addEventListener("click", toggleEraser);
new Correction(byId("correction"), toMistake, () => correctionWords(latest, answer.digits.index));
listenToShortcuts({ undo: () => drawing.undo(), redo: () => drawing.redo(), clear, erase: toggleEraser });
listenForFiles([byId("file"), byId("camera")], uploaded);
showSampleDigits(byId("samples"), (strokes) => drawing.replace(strokes));
byId("language").addEventListener("click", () => saveStrokes(drawing.strokes));

takePen(MEDIUM);
const saved = takeSavedStrokes();
if (saved.length) drawing.replace(saved);

function drawn() {
  if (drawing.isEmpty || picture.isShown) startAfresh();
  answer.digits.release();
  ink.show(drawing.strokes);
  byId("hint").hidden = !drawing.isEmpty;
  if (drawing.isEmpty) return;
  ask({ digit: () => toPng(drawing.strokes, sheet), number: () => toRequest(drawing.strokes, sheet) });
}

function uploaded(files) {
  if (files.length > 1) {
    pictureTable.read(files);
    picturesPanel.open();
    return;
  }
  const [file] = files;
  drawing.clear();
  startAfresh(); // otherwise the previous answer would stay beside this picture
  picture.show(file);
  byId("hint").hidden = true;
  answer.say(texts.reading);
  ask({ digit: () => toForm(file), number: () => toForm(file) });
}

function ask(newest) {
  question = newest;
  predictor.ask(question);
  if (!isNumber()) explain(); // a number's digit is explained once it is read
  showRequest();
}

function show(result, milliseconds) {
  remember(result);
  if (isNumber()) showNumber(result, milliseconds);
  else answer.show(result, milliseconds);
}

/** Show a number, and tie its digits to their ink. */
async function showNumber(reading, milliseconds) {
  numberInk.split(reading);
  answer.showNumber(reading, milliseconds);
  showRequest();
  if (picture.isShown) {
    await picture.image.decode().catch(() => {}); // one that the browser cannot display has no boxes
    if (latest !== reading) return;
    numberPicture.show(reading.digits);
  }
  showDigit();
}

/** Light the ink of the digit that is pointed at or chosen, and look at the one whose bars are shown. */
function showDigit() {
  const { index, lit } = answer.digits;
  if (picture.isShown) numberPicture.mark(index, lit !== null);
  else ink.light(lit === null ? [] : numberInk.strokes(lit));
  const image = numberInk.image(index);
  byId("correct").disabled = !image;
  if (image) closeUp.ask(() => image);
  else answer.showSeen(null);
  explain();
}

function explain() {
  if (!question || !insidePanel.isOpen) return;
  if (!isNumber()) return explainer.ask(question.digit);
  const image = numberInk.image(answer.digits.index);
  if (image) explainer.ask(() => image);
}

function isNumber() {
  return Boolean(latest?.digits);
}

/** @returns {Mistake} what a correction is about: the digit, or the one of a number whose bars are shown. */
function toMistake() {
  const { index } = answer.digits;
  if (isNumber()) {
    const prediction = { digit: latest.digits[index].digit, model: latest.model };
    return { image: numberInk.image(index), strokes: numberInk.strokes(index), prediction };
  }
  const body = question.digit();
  return { image: picture.isShown ? body.get("image") : body, strokes: drawing.strokes, prediction: latest };
}

async function showRequest() {
  if (!question || !requestPanel.isOpen) return;
  const code = await (isNumber() ? toCode(READ, question.number(), "number") : toCode(PREDICT, question.digit(), "digit"));
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
  patience.forget();
  closeUp.forget();
  explainer.forget();
  networkPanel.say(texts.inside_wait);
  picture.remove();
  answer.say(texts.draw);
}

function remember(result) {
  latest = result;
  if (!isNumber()) numberPicture.hide();
  byId("correct").disabled = !result || result.reason === "blank";
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
