/** The page: send each drawing or upload to the service, and show its answers. */

import { Announcer } from "./announcer.js";
import { Answer } from "./answer.js";
import { Correction } from "./correction.js";
import { Cursor } from "./cursor.js";
import { Drawing } from "./drawing.js";
import { saveStrokes, takeSavedStrokes } from "./saved_strokes.js";
import { Inside } from "../inspect/inside.js";
import { Ink, toPng } from "./ink.js";
import { CodeExample } from "../api/code_example.js";
import { Pad } from "./pad.js";
import { Panel } from "./panel.js";
import { Patience } from "./patience.js";
import { Sheet } from "./sheet.js";
import { Tools } from "./tools.js";
import { NumberView } from "../number/number_view.js";
import { correctionWords } from "../number/number_words.js";
import { toRequest } from "../number/stroke_request.js";
import { UploadedPicture } from "../api/uploaded_picture.js";
import { PictureTable } from "../api/picture_table.js";
import { Predictor } from "../api/predictor.js";
import { PREDICT, READ, read } from "../api/reading.js";
import { toCode } from "../api/request_code.js";
import { showSampleDigits } from "./sample_digits.js";
import { texts } from "../texts.js";
import { isSvg, listenForFiles, scaled, toForm } from "../api/upload.js";

const PACE = 25; // ms between requests, so that an answer is less than 50 ms behind the pen

const byId = (id) => document.getElementById(id);

const announcer = new Announcer(document.querySelector("[role=status]"));
const drawing = new Drawing(drawn);
const sheet = new Sheet(byId("pad"));
const pad = new Pad(byId("pad"), drawing, sheet, () => patience.end());
const cursor = new Cursor(byId("pad"), byId("cursor"), drawing, pad, sheet, (isDown) => {
  byId("pen-state").textContent = isDown ? texts.pen_down : texts.pen_up;
  if (!isDown) patience.end();
});
const patience = new Patience(() => pad.isDown || cursor.isDown);
const tools = new Tools(byId("tools"), drawing, pad, byId("pad"));
const ink = new Ink(byId("pad"), sheet);
const picture = new UploadedPicture(byId("picture"));
const answer = new Answer(byId("answer"), announcer, showDigit);
const number = new NumberView({ drawing, sheet, ink, picture, answer }, byId("picture"), byId("zoom"), PACE);
const predictor = new Predictor(read, PACE, {
  answered: (result, milliseconds) => patience.answer(result.reason === null, () => show(result, milliseconds)),
  failed: (words) => {
    patience.forget();
    remember(null);
    answer.say(words);
  },
});
const pictureTable = new PictureTable(byId("pictures"));
const requestPanel = new Panel(byId("request"), { opened: showRequest });
const inside = new Inside(byId("inside"), toDigit);
const codeExamples = [...document.querySelectorAll(".code")].map((figure) => new CodeExample(figure));

/** The latest question; null while there is none. */
let question = null;
/** The prediction or the reading that answers it. */
let latest = null;

new Correction(byId("correction"), toMistake, () => correctionWords(latest, answer.digits.index));
listenForFiles([byId("file"), byId("camera")], uploaded);
showSampleDigits(byId("samples"), (strokes) => drawing.replace(strokes));
byId("language").addEventListener("click", () => saveStrokes(drawing.strokes));

const saved = takeSavedStrokes();
if (saved.length) drawing.replace(saved);

function drawn() {
  if (drawing.isEmpty || drawing.picture !== picture.file) startAfresh();
  tools.update();
  answer.digits.release();
  ink.show(drawing.strokes);
  byId("hint").hidden = !drawing.isEmpty;
  if (drawing.picture) showPicture(drawing.picture);
  else if (!drawing.isEmpty) {
    ask({ digit: () => toPng(drawing.strokes, sheet), number: () => toRequest(drawing.strokes, sheet) });
  }
}

function uploaded(files) {
  if (files.length > 1) pictureTable.read(files);
  else drawing.show(files[0]);
}

async function showPicture(file) {
  picture.expect(file);
  if (isSvg(file)) return answer.say(texts.svg);
  answer.say(texts.reading);
  const sent = await scaled(file);
  if (picture.file !== file) return;
  picture.show(sent);
  const toBody = () => toForm(sent);
  ask({ digit: toBody, number: toBody, progressed: (share) => answer.showProgress(share) });
}

function ask(newest) {
  question = newest;
  predictor.ask(question);
  if (!isNumber()) inside.explain(); // a number's digit is explained once it is read
  showRequest();
}

async function show(result, milliseconds) {
  remember(result);
  if (!isNumber()) return answer.show(result, milliseconds, picture.isShown);
  showRequest();
  if (await number.show(result, milliseconds)) showDigit();
}

/** Look at the digit of a number whose bars are shown. */
function showDigit() {
  number.showDigit();
  byId("correct").disabled = !number.image;
  inside.explain();
}

function isNumber() {
  return Boolean(latest?.digits);
}

/** @returns {?(() => Blob|FormData)} makes the body that asks for the current digit, or the one of a number whose bars are shown. */
function toDigit() {
  if (!isNumber()) return question?.digit;
  const { image } = number;
  return image && (() => image);
}

/** @returns {Mistake} what a correction is about: the digit, or the one of a number whose bars are shown. */
function toMistake() {
  if (isNumber()) {
    const { digit } = latest.digits[answer.digits.index];
    return { image: number.image, strokes: number.strokes, prediction: { digit, model: latest.model } };
  }
  const body = question.digit();
  return { image: picture.isShown ? body.get("image") : body, strokes: drawing.strokes, prediction: latest };
}

async function showRequest() {
  if (!question || !requestPanel.isOpen) return;
  const code = await (isNumber() ? toCode(READ, question.number(), "number") : toCode(PREDICT, question.digit(), "digit"));
  codeExamples.forEach((example, i) => example.show(code[i]));
}

function startAfresh() {
  question = null;
  remember(null);
  predictor.forget();
  patience.forget();
  inside.forget();
  picture.remove();
  answer.say(texts.draw);
}

function remember(result) {
  latest = result;
  if (!isNumber()) number.hide();
  byId("correct").disabled = !result || result.reason === "blank";
}
