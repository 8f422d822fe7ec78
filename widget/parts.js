/* What the panel loads when it is first needed: modules of their own that export `mount(panel)`, and perhaps a `SHEET`. */

const AGAIN = 9_000; // ms until a part that could not be had may be asked for again

/** `part(name)`: a promise of what its `mount(panel)` returned; undefined where it cannot be had now. `base`: the path
    under which the parts of this version lie. `lost()` is called for each that cannot be had. */
export function parts(base, panel, lost) {
  const found = {};
  let tries = ''; // some browsers keep a failure for as long as the page lives: the next try has an address of its own

  return function part(name) {
    return found[name] ??= import(`${base}${name}.js${tries}`).then(
      ({ mount, SHEET }) => {
        if (SHEET) adopt(SHEET);
        const mounted = mount(panel);
        panel.later();
        return mounted;
      },
      () => {
        tries = `?${Date.now()}`;
        setTimeout(() => delete found[name], AGAIN);
        lost();
      },
    );
  };
}

function adopt(text) {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(text);
  document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
}
