// Gives a live figure its place on a page without a kernel. myst-nb has written the state of every widget
// into the page; this reads it, imports each figure's module and offers it what Jupyter would: a model to
// get, set and listen to, and an element to draw in. It works as a classic script and, as book/live.py writes it,
// inside the page; as a module of its own file:// would refuse it. It does not wait for the end of the page: a figure
// lives as soon as the browser has read so far.
(() => {
  const STATE = "application/vnd.jupyter.widget-state+json";
  const VIEW = "application/vnd.jupyter.widget-view+json";
  const models = new Map(); // by id: one model may have several views
  const modules = new Map(); // by source: figures of one kind share a module
  const styles = new Set();
  const seen = new Set(); // places that have, or soon have, their figure
  let page; // the figures' states by id, and what their modules begin with in common (book/live.py)

  function makeModel(state) {
    const listeners = new Map();
    const changed = new Set();
    const emit = (name) => [...(listeners.get(name) ?? [])].forEach((call) => call());
    return {
      get: (name) => state[name],
      set(name, value) {
        if (Object.is(state[name], value)) return;
        state[name] = value;
        changed.add(name);
        emit(`change:${name}`);
      },
      save_changes() {
        if (changed.size) emit("change");
        changed.clear();
      },
      on: (name, call) => listeners.set(name, (listeners.get(name) ?? new Set()).add(call)),
      off: (name, call) => (call ? listeners.get(name)?.delete(call) : listeners.delete(name)),
    };
  }

  function load(source) {
    if (!modules.has(source)) {
      const url = URL.createObjectURL(new Blob([source], { type: "text/javascript" }));
      modules.set(source, import(url).then(({ default: made }) => (typeof made === "function" ? made() : made)));
    }
    return modules.get(source);
  }

  async function mount(place, id) {
    const { state } = page.state[id] ?? {};
    if (state?._esm === undefined) return; // not an anywidget: keep what is there
    const widget = await load((page.shared ?? "") + state._esm);
    if (!models.has(id)) {
      const model = makeModel(state);
      models.set(id, Promise.resolve(widget.initialize?.({ model })).then(() => model));
    }
    const el = document.createElement("div");
    await widget.render({ model: await models.get(id), el });
    if (state._css && !styles.has(state._css)) {
      styles.add(state._css);
      document.head.append(Object.assign(document.createElement("style"), { textContent: state._css }));
    }
    place.replaceWith(el); // the static picture stays until the live one is ready
    el.dataset.liveMounted = id;
  }

  // Whether the browser has read a node to its end: then something follows it, or it.
  const whole = (node) =>
    document.readyState !== "loading" || Boolean(node && (node.nextSibling || whole(node.parentNode)));

  function mountAll() {
    const found = page ? null : document.querySelector(`script[type="${STATE}"]`);
    if (found && whole(found)) page = JSON.parse(found.textContent);
    if (!page) return;
    for (const place of document.querySelectorAll(`[data-live], script[type="${VIEW}"]`)) {
      if (seen.has(place) || !whole(place)) continue;
      seen.add(place);
      const id = place.dataset.live ?? JSON.parse(place.textContent).model_id;
      mount(place, id).catch((error) => console.error("live figure", error));
    }
  }

  mountAll();
  if (document.readyState === "loading") {
    const reading = new MutationObserver(mountAll);
    reading.observe(document, { childList: true, subtree: true });
    document.addEventListener("readystatechange", () => (reading.disconnect(), mountAll()), { once: true });
  }
})();
