// One sample of a batch is dragged: what do the others' outputs do, in train and in eval mode? (syllabus B5, B11)
import { drag, fixed, frame, node, plot, points, reset, set, slider } from "./_kit.js";
import { normals, uniforms } from "./_random.js";

const ALPHAS = [0.01, 0.03, 0.1, 0.2, 0.3, 0.5, 0.7, 1];
const OTHERS = [-0.5, 0.2, 0.4, 1.1, 2.3];
const [REST, SEEN, EPS] = [-1.5, 30, 1e-5];
const [LOW, HIGH] = [-4, 8];

/** Mean and biased variance. */
export function moments(values) {
  const mean = values.reduce((a, b) => a + b, 0) / values.length;
  return [mean, values.reduce((sum, v) => sum + (v - mean) ** 2, 0) / values.length];
}

/** The batches seen, six numbers each: normal with mean ½ and deviation 1.5. */
export function history() {
  const uniform = uniforms(6);
  return Array.from({ length: SEEN }, () => normals(uniform, 6).map((v) => 0.5 + 1.5 * v));
}

/** Running mean and variance after 0, 1, … batches, from (0, 1). */
export function running(alpha) {
  const path = [[0, 1]];
  for (const batch of history()) {
    const [mean, variance] = moments(batch);
    const [m, v] = path[path.length - 1];
    path.push([(1 - alpha) * m + alpha * mean, (1 - alpha) * v + alpha * variance * (6 / 5)]);
  }
  return path;
}

const scaled = (values, [mean, variance]) => values.map((v) => (v - mean) / Math.sqrt(variance + EPS));

/** Everything the picture shows, as numbers. */
export function state({ x, alpha, seen }) {
  const [batch, before] = [[x, ...OTHERS], [REST, ...OTHERS]];
  const path = running(alpha);
  const used = [moments(batch), path[seen]];
  const outputs = used.map((by) => scaled(batch, by));
  const rest = [scaled(before, moments(before)), scaled(before, path[seen])];
  const moved = outputs.map((out, k) => Math.max(...out.slice(1).map((v, i) => Math.abs(v - rest[k][i + 1]))));
  return { batch, path, used, outputs, rest, moved };
}

/** The picture in words. */
export function describe({ x, alpha, seen }) {
  const { used: [[mean, variance], [m, v]], moved } = state({ x, alpha, seen });
  return `With x₁ = ${fixed(x, 1)} the batch has mean ${fixed(mean)} and variance ${fixed(variance)}; the running `
    + `statistics after ${seen} batches are ${fixed(m)} and ${fixed(v)}. Compared with x₁ = ${fixed(REST, 1)}, the `
    + `outputs of the other five have moved by up to ${fixed(moved[0])} in train mode and by ${fixed(moved[1])} in eval mode.`;
}

function rows(model) {
  const area = plot({ width: 360, height: 300, margin: [22, 8, 34, 38], label: model.get("alt"), role: "img",
    x: { domain: [LOW - 0.5, HIGH + 0.5], ticks: [-4, -2, 0, 2, 4, 6, 8].map((v) => [v, fixed(v, 0)]), label: "value" },
    y: { domain: [-0.4, 2.4], ticks: [[2, "train"], [1, "x"], [0, "eval"]], label: "outputs above and below" } });
  const lines = ["shallow", "steep"].map((name) => Array.from({ length: 6 }, () => node("polyline", { class: `live-${name}` })));
  const ghosts = node("path", { class: "live-rule" });
  const dots = node("g", { class: "live-dots" }, Array.from({ length: 17 }, () => node("circle", { r: 3 })));
  const tags = [["shallow", "train mode", 2], ["steep", "eval mode", 0]].map(([name, text, at]) =>
    node("text", { class: `live-${name} live-tag`, "text-anchor": "end", x: area.x(HIGH + 0.4), y: area.y(at) + 4 }, text));
  const label = node("text", { class: "live-tag", "text-anchor": "middle" }, "x₁");
  const grip = node("g", { class: "live-handle live-sideways" }, node("circle", { class: "live-reach", r: 22 }),
    node("circle", { class: "live-ring", r: 9 }), node("circle", { class: "live-core", r: 3.5 }));
  drag(area, grip, ([x]) => {
    model.set("x", Math.round(Math.min(HIGH, Math.max(LOW, x)) * 10) / 10);
    model.save_changes();
  });
  area.inside.append(...lines.flat(), ghosts, dots, ...tags, label);
  area.over.append(grip);
  return { svg: area.svg, draw({ batch, outputs, rest }) {
    outputs.forEach((out, k) => out.forEach((v, i) => set(lines[k][i], { points: points(area, [batch[i], v], [1, 2 - 2 * k]) })));
    const spots = [...batch.slice(1).map((v) => [v, 1]), ...outputs.flatMap((out, k) => out.map((v) => [v, 2 - 2 * k]))];
    spots.forEach(([v, row], i) => {
      const [cx, cy] = points(area, [v], [row]).split(",");
      set(dots.children[i], { cx, cy, r: i === 5 || i === 11 ? 5 : 3 }); // x₁'s own outputs are larger
    });
    set(ghosts, { d: rest.map((out, k) => out.map((v) => `M${area.x(v).toFixed(2)} ${area.y(2 - 2 * k) - 9}v18`).join("")).join("") });
    set(label, { x: area.x(batch[0]), y: area.y(1) - 14 });
    set(grip, { transform: `translate(${area.x(batch[0]).toFixed(2)} ${area.y(1).toFixed(2)})` });
  } };
}

function memory() {
  const area = plot({ width: 270, height: 200, margin: [22, 8, 34, 34], role: "img",
    label: "Running mean and running variance against the number of batches seen, with the batches' own as dots.",
    x: { domain: [0, SEEN], ticks: [0, 10, 20, 30].map((v) => [v, v]), label: "batches seen" },
    y: { domain: [-2, 7], ticks: [0, 2, 4, 6].map((v) => [v, v]), label: "running statistics" } });
  const lines = ["shallow", "steep"].map((name) => node("polyline", { class: `live-${name}` }));
  const seenDots = node("g", { class: "live-dots" }, history().map((batch, k) => {
    const [cx, cy] = points(area, [k + 1], [moments(batch)[0]]).split(",");
    return node("circle", { r: 1.5, cx, cy });
  }));
  const rule = node("line", { class: "live-now" });
  const tags = [["shallow", "mean", -1.6], ["steep", "variance", 5.8]].map(([name, text, at]) =>
    node("text", { class: `live-${name} live-tag`, x: area.x(1), y: area.y(at) }, text));
  area.inside.append(seenDots, ...lines, rule, ...tags);
  return { svg: area.svg, draw({ path }, seen) {
    lines.forEach((line, k) => set(line, { points: points(area, path.map((_, i) => i), path.map((p) => p[k])) }));
    set(rule, { x1: area.x(seen), x2: area.x(seen), y1: area.y(-2), y2: area.y(7) });
  } };
}

function readout() {
  const names = ["mean used", "variance used", "others moved by"];
  const cells = names.map(() => [node("td"), node("td")]);
  const table = node("table", {},
    node("thead", {}, node("tr", {}, ["mode", "train", "eval"].map((t) => node("th", { scope: "col" }, t)))),
    node("tbody", {}, names.map((name, i) => node("tr", {}, node("th", { scope: "row" }, name), cells[i]))));
  return { table, draw: ({ used, moved }) => [0, 1].forEach((k) => [used[k][0], used[k][1], moved[k]].forEach((v, i) => {
    cells[i][k].textContent = fixed(v);
  })) };
}

function render({ model, el }) {
  const traits = ["x", "alpha", "seen"];
  const [main, side, table] = [rows(model), memory(), readout()];
  const x = slider(model, "x", { symbol: "x₁", name: "one sample", min: LOW, max: HIGH, step: 0.1, show: (v) => fixed(v, 1) });
  const alpha = slider(model, "alpha", { symbol: "α", name: "momentum", values: ALPHAS, show: String });
  const seen = slider(model, "seen", { symbol: "n", name: "batches seen", min: 0, max: SEEN, step: 1, show: String });
  const figure = frame(model, el, [["main", main.svg], ["controls", x.el, alpha.el, seen.el, reset(model, traits)],
    ["side", side.svg], ["table", table.table]]);
  figure.watch(traits, () => {
    const now = Object.fromEntries(traits.map((name) => [name, model.get(name)]));
    const shown = state(now);
    main.draw(shown);
    side.draw(shown, now.seen);
    table.draw(shown);
    figure.say(describe(now));
  });
  return () => [x, alpha, seen, figure].forEach((part) => part.dispose());
}

export default { render };
