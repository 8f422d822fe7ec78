/* Children that keep their nodes: what is focused, selected or being read stays so while lists change around it. */

/** Makes the children of `parent` those of `items`, in order. `draw(node | null, item)` makes or updates one. */
export function keyed(parent, items, key, draw) {
  const old = new Map([...parent.children].map((node) => [node.dataset.key, node]));
  let place = parent.firstElementChild;
  for (const item of items) {
    const id = key(item);
    const found = old.get(id) ?? null;
    old.delete(id);
    const node = draw(found, item);
    node.dataset.key = id;
    if (node === place) place = place.nextElementSibling;
    else parent.insertBefore(node, place);
    if (found && found !== node) found.remove();
  }
  for (const node of old.values()) node.remove();
}
