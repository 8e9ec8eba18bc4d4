// As much of a page as panels need: elements that remember what they are given.
import { webcrypto } from "node:crypto";

class Element {
  style = {};
  children = [];
  attributes = {};
  textContent = "";
  #classes = new Set();
  classList = {
    add: (name) => this.#classes.add(name),
    toggle: (name, on) => (on ? this.#classes.add(name) : this.#classes.delete(name)),
  };

  constructor(tag) {
    this.tag = tag;
  }
  setAttribute(name, value) {
    this.attributes[name] = String(value);
  }
  append(...elements) {
    for (const element of elements) element.#moveTo(this, this.children.length);
  }
  before(element) {
    element.#moveTo(this.parentNode, this.parentNode.children.indexOf(this));
  }
  replaceChildren() {
    this.children = [];
  }
  getComputedTextLength() {
    return 7 * this.textContent.length;
  }
  getContext() {
    const createImageData = (width, height) => ({ data: new Uint8ClampedArray(4 * width * height) });
    return { createImageData, putImageData() {} };
  }
  #moveTo(parent, place) {
    if (this.parentNode) this.parentNode.children = this.parentNode.children.filter((child) => child !== this);
    parent.children.splice(place, 0, this);
    this.parentNode = parent;
  }

  /** This element and all below it. */
  *all() {
    yield this;
    for (const child of this.children) yield* child.all();
  }
}

globalThis.crypto ??= webcrypto;
globalThis.document = { createElement: (tag) => new Element(tag), createElementNS: (_, tag) => new Element(tag) };

/** The stage of an explorer: the elements that its panel draws into. */
export function stage() {
  const [wrap, svg] = [new Element("div"), new Element("svg")];
  wrap.append(svg);
  return { wrap, svg };
}
