/* After a deploy: a panel of the old version has itself loaded anew, when that takes nothing from its visitor. What was
   said is on the server, what was not sent yet in storage. */

const REST = 60_000; // ms between two renewals: while a deploy runs, old and new servers answer in turn
const JUST = 10_000; // ms after a renewal in which we still go on for the old panel

/** `ours`: the version we are of. The frame's own name tells when it was last renewed; it outlives a reload, and works
    where storage is refused. */
export function renewal(ours, again) {
  let theirs = ours;
  const since = () => Date.now() - window.name;

  return {
    /** Were we loaded for a panel that was connected? */
    continued: since() < JUST,
    /** The server is of `version`. */
    heard: (version) => (theirs = version ?? theirs),
    /** Now would be a good moment. */
    offer() {
      if (theirs === ours || since() < REST || touched()) return;
      again();
    },
  };
}

const touched = () =>
  [...document.querySelectorAll('input, textarea')].some(({ value, defaultValue }) => value !== defaultValue);
