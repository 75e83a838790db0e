// Gives a live figure its place on a page without a kernel. myst-nb has written the state of every widget
// into the page; this reads it, imports each figure's module and offers it what Jupyter would: a model to
// get, set and listen to, and an element to draw in. A classic script, since file:// refuses modules.
(() => {
  const STATE = "application/vnd.jupyter.widget-state+json";
  const VIEW = "application/vnd.jupyter.widget-view+json";
  const models = new Map(); // by id: one model may have several views
  const modules = new Map(); // by source: figures of one kind share a module
  const styles = new Set();

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

  async function mount(place, id, states) {
    const { state } = states[id] ?? {};
    if (!state?._esm) return; // not an anywidget: keep what is there
    const widget = await load(state._esm);
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

  function mountAll() {
    const found = document.querySelector(`script[type="${STATE}"]`);
    if (!found) return;
    const states = JSON.parse(found.textContent).state;
    const places = [...document.querySelectorAll("[data-live]")].map((place) => [place, place.dataset.live]);
    for (const view of document.querySelectorAll(`script[type="${VIEW}"]`)) {
      places.push([view, JSON.parse(view.textContent).model_id]);
    }
    for (const [place, id] of places) mount(place, id, states).catch((error) => console.error("live figure", error));
  }

  if (document.readyState === "loading") document.addEventListener("readystatechange", mountAll, { once: true });
  else mountAll();
})();
