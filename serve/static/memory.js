// What the browser keeps of this page; where it keeps nothing, as in a frame on a page of another site, or where its
// owner wants it so, what is said lasts as long as the page does.
function kept(storage) {
  try {
    return window[storage];
  } catch {
    const said = new Map();
    return {
      getItem: (name) => said.get(name) ?? null,
      setItem: (name, value) => said.set(name, value),
      removeItem: (name) => said.delete(name),
    };
  }
}

export const ofBrowser = kept("localStorage");
export const ofSession = kept("sessionStorage");
