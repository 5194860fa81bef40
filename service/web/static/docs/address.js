/** Write the address of this service into the examples: with a proxy between, only the browser knows it. */

const EXAMPLE = "http://localhost:8000/";
const here = new URL(".", document.baseURI).href;

for (const code of document.querySelectorAll("#quick-start code")) {
  code.textContent = code.textContent.replaceAll(EXAMPLE, here);
}
