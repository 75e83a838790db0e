// Two hidden units on their way to each other's places, and the loss along it (syllabus N1).
import { drag, fixed, frame, node, plot, points, reset, rich, set, slider } from "./_kit.js";

const GRID = Array.from({ length: 51 }, (_, i) => i / 50);

/** E[relu(a·x) relu(b·x)] for Gaussian x in the plane. */
export function overlap(a, b) {
  const dot = a[0] * b[0] + a[1] * b[1];
  const cross = Math.abs(a[0] * b[1] - a[1] * b[0]); // lengths times sin
  return (cross + (Math.PI - Math.atan2(cross, dot)) * dot) / (2 * Math.PI);
}

/** Where the two units are: the targets at t = 0, exchanged at t = 1. */
export function units({ t, angle, bend }) {
  const half = (angle * Math.PI) / 360;
  const [middle, reach] = [Math.cos(half), Math.sin(half)];
  const [along, aside] = [1 - 2 * t, 2 * bend * Math.sqrt(t * (1 - t))];
  return [[middle + reach * aside, reach * along], [middle - reach * aside, -reach * along]];
}

/** Expected loss ½E(student − target)². */
export function loss(setting) {
  const [student, target] = [units(setting), units({ ...setting, t: 0 })];
  const sum = (us, vs) => us.reduce((s, u) => s + vs.reduce((r, v) => r + overlap(u, v), 0), 0);
  return 0.5 * sum(student, student) - sum(student, target) + 0.5 * sum(target, target);
}

/** Everything the picture shows, as numbers. */
export function state(setting) {
  const way = GRID.map((t) => loss({ ...setting, t }));
  return { units: units(setting), loss: loss(setting), way, highest: Math.max(...way) };
}

/** The picture in words. */
export function describe(setting) {
  const now = state(setting);
  return `Units ${setting.angle} degrees apart, ${setting.bend === 0 ? "straight" : `bend ${fixed(setting.bend)}`}, at t = ${fixed(setting.t)}: `
    + `loss ${fixed(now.loss, 3)}. The highest loss on the way is ${fixed(now.highest, 3)}.`;
}

function plane(model) {
  const area = plot({ width: 350, height: 330, margin: [22, 8, 34, 34], label: model.get("alt"),
    x: { domain: [-1.25, 1.75], ticks: [-1, 0, 1].map((v) => [v, fixed(v, 0)]), label: "first weight" },
    y: { domain: [-1.3, 1.3], ticks: [-1, 0, 1].map((v) => [v, fixed(v, 0)]), label: "second weight" } });
  const paths = [0, 1].map(() => node("polyline", { class: "live-rule" }));
  const arms = ["shallow", "steep"].map((name) => node("polyline", { class: `live-${name}` }));
  const dots = [0, 1].map((i) => (i ? node("rect", { class: "live-best", width: 9, height: 9 }) : node("circle", { class: "live-best", r: 5.5 })));
  const marks = [0, 1].map(() => node("path", { class: "live-cross" }));
  const tags = ["shallow", "steep"].map((name, i) => node("text", { class: `live-${name} live-tag`, "text-anchor": "middle" }, rich(`w_${i + 1}`, "tspan")));
  area.inside.append(...paths, ...marks, ...arms, ...dots, ...tags);
  return { svg: area.svg, draw(now, setting) {
    const target = units({ ...setting, t: 0 });
    const all = GRID.map((t) => units({ ...setting, t }));
    [0, 1].forEach((i) => {
      const [u, v] = now.units[i];
      const [p, q] = [area.x(target[i][0]).toFixed(2), area.y(target[i][1]).toFixed(2)];
      set(paths[i], { points: points(area, all.map((w) => w[i][0]), all.map((w) => w[i][1])) });
      set(arms[i], { points: points(area, [0, u], [0, v]) });
      set(dots[i], i ? { x: (area.x(u) - 4.5).toFixed(2), y: (area.y(v) - 4.5).toFixed(2) } : { cx: area.x(u).toFixed(2), cy: area.y(v).toFixed(2) });
      set(marks[i], { d: `M${p} ${q}m-5 -5l10 10m-10 0l10 -10` });
      set(tags[i], { x: (area.x(u) + (i ? -14 : 14)).toFixed(2), y: (area.y(v) + (i ? 18 : -10)).toFixed(2) });
    });
  } };
}

function profile(model) {
  const area = plot({ width: 270, height: 200, margin: [22, 8, 34, 38], label: "Loss along the whole way from t = 0 to t = 1, with the present t marked.",
    x: { domain: [0, 1], ticks: [0, 0.5, 1].map((v) => [v, fixed(v, 1)]), label: "t" },
    y: { domain: [0, 0.55], ticks: [0, 0.1, 0.2, 0.3, 0.4, 0.5].map((v) => [v, fixed(v, 1)]), label: "loss" } });
  const line = node("polyline", { class: "live-path" });
  const rule = node("line", { class: "live-now" });
  const grip = node("g", { class: "live-handle live-sideways" }, node("circle", { class: "live-reach", r: 22 }),
    node("circle", { class: "live-ring", r: 9 }), node("circle", { class: "live-core", r: 3.5 }));
  drag(area, grip, ([t]) => {
    model.set("t", Math.round(50 * Math.min(1, Math.max(0, t))) / 50);
    model.save_changes();
  });
  area.inside.append(line, rule);
  area.over.append(grip);
  return { svg: area.svg, draw(now, { t }) {
    set(line, { points: points(area, GRID, now.way) });
    set(rule, { x1: area.x(t), x2: area.x(t), y1: area.y(now.loss), y2: area.y(0) });
    set(grip, { transform: `translate(${area.x(t).toFixed(2)} ${area.y(now.loss).toFixed(2)})` });
  } };
}

function readout() {
  const cells = [0, 1].map(() => [node("td"), node("td")]);
  const totals = [node("td"), node("td")];
  const table = node("table", {},
    node("thead", {}, node("tr", {}, ["unit", "first", "second"].map((text) => node("th", { scope: "col" }, text)))),
    node("tbody", {}, ["shallow", "steep"].map((name, i) => node("tr", {}, node("th", { scope: "row" },
      node("span", { class: `live-swatch live-${name}` }), rich(`w_${i + 1}`)), cells[i]))),
    node("tbody", {}, ["loss now", "highest on the way"].map((name, i) => node("tr", {}, node("th", { scope: "row" }, name), totals[i], node("td")))));
  return { table, draw(now) {
    now.units.forEach((w, i) => w.forEach((v, k) => { cells[i][k].textContent = fixed(v); }));
    totals[0].textContent = fixed(now.loss, 3);
    totals[1].textContent = fixed(now.highest, 3);
  } };
}

function render({ model, el }) {
  const traits = ["t", "angle", "bend"];
  const [main, side, table] = [plane(model), profile(model), readout()];
  const sliders = [slider(model, "t", { symbol: "t", name: "way gone", min: 0, max: 1, step: 0.02 }),
    slider(model, "angle", { symbol: "α", name: "angle", min: 10, max: 180, step: 10, show: (v) => `${v}°` }),
    slider(model, "bend", { symbol: "b", name: "bend", min: 0, max: 1, step: 0.05 })];
  const figure = frame(model, el, [["main", main.svg], ["controls", ...sliders.map((s) => s.el), reset(model, traits)],
    ["side", side.svg], ["table", table.table]]);
  figure.watch(traits, () => {
    const setting = Object.fromEntries(traits.map((name) => [name, model.get(name)]));
    const now = state(setting);
    [main, side, table].forEach((part) => part.draw(now, setting));
    figure.say(describe(setting));
  });
  return () => [...sliders, figure].forEach((part) => part.dispose());
}

export default { render };
