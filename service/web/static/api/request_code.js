/** Write the latest request as code. */

const CODE = {
  drawing: (address, png) => [
    `echo ${png} |\n  base64 --decode |\n  curl --data-binary @- -H 'Content-Type: image/png' '${address}'`,
    `import base64\nimport requests\n\npng = base64.b64decode("${png}")\nanswer = requests.post(\n` +
      `    "${address}",\n    data=png,\n    headers={"Content-Type": "image/png"},\n)\nprint(answer.json()["digit"])`,
    `const png = Uint8Array.from(atob("${png}"), (letter) => letter.charCodeAt(0));\n` +
      `const answer = await fetch("${address}", {\n  method: "POST",\n  headers: { "Content-Type": "image/png" },\n` +
      `  body: png,\n});\nconsole.log((await answer.json()).digit);`,
  ],
  strokes: (address, json) => [
    `curl -H 'Content-Type: application/json' '${address}' -d '${json}'`,
    `import requests\n\ndrawing = ${json}\nanswer = requests.post("${address}", json=drawing)\n` +
      `print(answer.json()["number"])`,
    `const drawing = ${json};\nconst answer = await fetch("${address}", {\n  method: "POST",\n` +
      `  headers: { "Content-Type": "application/json" },\n  body: JSON.stringify(drawing),\n});\n` +
      `console.log((await answer.json()).number);`,
  ],
  file: (address, name, said) => [
    `curl -F ${inShell(`image=@"${name}"`)} '${address}'`,
    `import requests\n\nwith open(${JSON.stringify(name)}, "rb") as image:\n    answer = requests.post(\n` +
      `        "${address}",\n        files={"image": image},\n    )\nprint(answer.json()["${said}"])`,
    `const form = new FormData();\nform.set("image", document.querySelector("input[type=file]").files[0]);\n` +
      `const answer = await fetch("${address}", { method: "POST", body: form });\n` +
      `console.log((await answer.json()).${said});`,
  ],
};

/**
 * @param {string} address of the request.
 * @param {Blob|FormData} body of the request: a PNG, JSON with strokes, or a form with a file.
 * @param {"digit"|"number"} said what the answer is asked for.
 * @returns {Promise<string[]>} code for curl, Python and JavaScript.
 */
export async function toCode(address, body, said) {
  const absolute = new URL(address, document.baseURI).href;
  if (body instanceof FormData) return CODE.file(absolute, body.get("image").name, said);
  if (body.type === "application/json") return CODE.strokes(absolute, await body.text());
  return CODE.drawing(absolute, await toBase64(body));
}

async function toBase64(blob) {
  return btoa(String.fromCharCode(...new Uint8Array(await blob.arrayBuffer())));
}

function inShell(word) {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}
