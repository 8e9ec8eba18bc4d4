// Elements of a page, made and changed. Text is always set as text.

const SVG = "http://www.w3.org/2000/svg";

// Writing what already stands there would cost as much as a change; so each element knows what it was given.

/** Sets attributes; those of one element are either all set here or never. */
export function setAll(element, attributes) {
  const known = (element.lossvizKnown ??= {});
  for (const name in attributes) {
    const value = attributes[name];
    if (known[name] === value) continue;
    known[name] = value;
    element.setAttribute(name, value);
  }
  return element;
}

export function setText(element, text) {
  if (element.lossvizText === text) return;
  element.lossvizText = text;
  element.textContent = text;
}

export function show(element, shown) {
  if (element.lossvizShown === shown) return;
  element.lossvizShown = shown;
  element.style.display = shown ? "" : "none";
}

export function make(parent, tag, attributes = {}, text) {
  const element = setAll(document.createElementNS(SVG, tag), attributes);
  if (text !== undefined) element.textContent = text;
  parent.append(element);
  return element;
}

export function html(parent, tag, attributes = {}, text) {
  const element = setAll(document.createElement(tag), attributes);
  if (text !== undefined) element.textContent = text;
  parent.append(element);
  return element;
}

/** An id that no other explorer has. A counter would not do: JupyterLab loads this module anew for every widget. */
export const newId = (what) => `lossviz-${what}-${crypto.getRandomValues(new Uint32Array(2)).join("-")}`;

/** Shortens a text until it is at most `room` wide; returns its width. */
export function fit(text, room) {
  let width = text.getComputedTextLength();
  for (let name = text.textContent; width > room && name.length > 1; width = text.getComputedTextLength()) {
    name = name.slice(0, -1);
    text.textContent = `${name.trimEnd()}…`;
  }
  return width;
}
