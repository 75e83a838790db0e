// Three modes of a two-layer linear network, learned one after another (syllabus N5).
import { drag, fixed, frame, node, plot, points, reset, rich, set, slider } from "./_kit.js";

const NAMES = ["first", "second", "third"];
const LINES = ["shallow", "steep", "max"];
const [END, TOP] = [20, 2];
const GRID = Array.from({ length: 101 }, (_, i) => i / 5);

/** Strength of a mode after time t from strength u0, s e^{2st}/(e^{2st} − 1 + s/u0). */
export function strength(s, u0, t) {
  const decay = Math.exp(-2 * s * t);
  return s / (1 - decay + (s / u0) * decay);
}

/** When a mode has half its strength. */
export const halfTime = (s, u0) => Math.log(s / u0 - 1) / (2 * s);

/** Everything the picture shows, as numbers. */
export function state({ first, second, third, rest, time }) {
  const u0 = 10 ** -rest;
  const sigmas = [first, second, third];
  const at = (t) => sigmas.map((s) => strength(s, u0, t));
  const loss = (t) => at(t).reduce((sum, u, i) => sum + 0.5 * (sigmas[i] - u) ** 2, 0);
  return { now: at(time), halves: sigmas.map((s) => halfTime(s, u0)), loss: loss(time), ways: GRID.map(at), losses: GRID.map(loss) };
}

/** The picture in words. */
export function describe(setting) {
  const shown = state(setting);
  const modes = NAMES.map((name, i) => `${fixed(setting[name], 1)} (half learned at ${fixed(shown.halves[i], 1)})`).join(", ");
  return `Modes ${modes}, from strength 10^−${fixed(setting.rest, 1)}. At time ${fixed(setting.time, 1)} their strengths are `
    + `${shown.now.map((u) => fixed(u)).join(", ")} and the loss is ${fixed(shown.loss, 3)}.`;
}

function curves(model) {
  const area = plot({ width: 360, height: 330, margin: [22, 8, 34, 34], label: model.get("alt"),
    x: { domain: [0, END], ticks: [0, 5, 10, 15, 20].map((v) => [v, v]), label: "time" },
    y: { domain: [0, TOP * 1.05], ticks: [0, 0.5, 1, 1.5, 2].map((v) => [v, fixed(v, 1)]), label: "mode strength" } });
  const lines = LINES.map((name) => node("polyline", { class: `live-${name}` }));
  const rule = node("line", { class: "live-now" });
  const grip = node("g", { class: "live-handle live-sideways" }, node("circle", { class: "live-reach", r: 22 }),
    node("circle", { class: "live-ring", r: 9 }), node("circle", { class: "live-core", r: 3.5 }));
  drag(area, grip, ([t]) => {
    model.set("time", Math.round(5 * Math.min(END, Math.max(0, t))) / 5);
    model.save_changes();
  });
  const tags = LINES.map((name, i) => node("text", { class: `${name === "max" ? "" : `live-${name} `}live-tag`, "text-anchor": "end", x: area.x(END - 0.4).toFixed(2) },
    rich(`s_${i + 1}`, "tspan")));
  area.inside.append(...lines, rule, ...tags);
  area.over.append(grip);
  return { svg: area.svg, draw(shown, { time }) {
    lines.forEach((line, i) => set(line, { points: points(area, GRID, shown.ways.map((u) => u[i])) }));
    tags.forEach((tag, i) => set(tag, { y: (area.y(shown.ways[GRID.length - 1][i]) + 15).toFixed(2) }));
    set(rule, { x1: area.x(time), x2: area.x(time), y1: area.y(0), y2: area.y(TOP * 1.05) });
    set(grip, { transform: `translate(${area.x(time).toFixed(2)} ${area.y(0).toFixed(2)})` });
  } };
}

function losses() {
  const area = plot({ width: 270, height: 200, margin: [22, 8, 34, 34], label: "Loss over time: a staircase with one step for each mode.",
    x: { domain: [0, END], ticks: [0, 10, 20].map((v) => [v, v]), label: "time" },
    y: { domain: [0, 6], ticks: [0, 2, 4, 6].map((v) => [v, v]), label: "loss" } });
  const line = node("polyline", { class: "live-path" });
  const rule = node("line", { class: "live-now" });
  area.inside.append(line, rule);
  return { svg: area.svg, draw(shown, { time }) {
    set(line, { points: points(area, GRID, shown.losses) });
    set(rule, { x1: area.x(time), x2: area.x(time), y1: area.y(0), y2: area.y(shown.loss) });
  } };
}

function readout() {
  const cells = NAMES.map(() => [node("td"), node("td")]);
  const total = node("td");
  const table = node("table", {},
    node("thead", {}, node("tr", {}, ["mode", "strength", "half-time"].map((text) => node("th", { scope: "col" }, text)))),
    node("tbody", {}, NAMES.map((name, i) => node("tr", {}, node("th", { scope: "row" },
      node("span", { class: `live-swatch live-${LINES[i]}` }), rich(`s_${i + 1}`)), cells[i]))),
    node("tbody", {}, node("tr", {}, node("th", { scope: "row" }, "loss"), total, node("td"))));
  return { table, draw(shown) {
    cells.forEach(([strong, half], i) => {
      strong.textContent = fixed(shown.now[i]);
      half.textContent = fixed(shown.halves[i], 1);
    });
    total.textContent = fixed(shown.loss, 3);
  } };
}

function render({ model, el }) {
  const traits = [...NAMES, "rest", "time"];
  const [main, side, table] = [curves(model), losses(), readout()];
  const sliders = NAMES.map((name, i) => slider(model, name, { symbol: `s${"₁₂₃"[i]}`, name: `of mode ${i + 1}`,
    min: 0.2, max: TOP, step: 0.1, show: (v) => fixed(v, 1) }));
  sliders.push(slider(model, "rest", { symbol: "k", name: "start at 10⁻ᵏ", min: 1, max: 6, step: 0.5, show: (v) => fixed(v, 1) }),
    slider(model, "time", { symbol: "t", name: "time", min: 0, max: END, step: 0.2, show: (v) => fixed(v, 1) }));
  const figure = frame(model, el, [["main", main.svg], ["controls", ...sliders.map((s) => s.el), reset(model, traits)],
    ["side", side.svg], ["table", table.table]]);
  figure.watch(traits, () => {
    const setting = Object.fromEntries(traits.map((name) => [name, model.get(name)]));
    const shown = state(setting);
    [main, side, table].forEach((part) => part.draw(shown, setting));
    figure.say(describe(setting));
  });
  return () => [...sliders, figure].forEach((part) => part.dispose());
}

export default { render };
