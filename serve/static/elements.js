// Small tools to build a page with.

export const $ = (id) => document.getElementById(id);

export function element(tag, attributes = {}, ...children) {
  const { data = {}, ...others } = attributes;
  const made = Object.assign(document.createElement(tag), others);
  Object.assign(made.dataset, data);
  made.append(...children);
  return made;
}

// A button that does something, with words or pictures in it.
export function button(act, attributes = {}, ...children) {
  const made = element("button", { type: "button", ...attributes }, ...children);
  made.addEventListener("click", act);
  return made;
}

// Keeps the writing direction of a name from spreading to the sentence around it.
export const isolated = (name) => `\u2068${name}\u2069`;

// What the service put into the page as JSON.
export const embedded = (id) => JSON.parse($(id).textContent);
