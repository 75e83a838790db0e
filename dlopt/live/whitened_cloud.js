// A cloud of inputs on its way to white, and the bowl that regression makes of it (syllabus W1–W3).
import { contours, fixed, frame, handle, node, plot, points, reset, rich, set, slider } from "./_kit.js";
import { axes, inputs, matrix, moments } from "./_cloud.js";
import { stepsPerDigit } from "./_rates.js";

export const STAGES = ["as they come", "centred", "scaled", "PCA", "ZCA"];
const RATIOS = [1.5, 2, 3, 4, 6, 8, 10];
const REACH = 4; // the plane of inputs shows [−4, 4] twice
const FAR = 3; // the plane of weights shows [−3, 3] twice
const LEVELS = Array.from({ length: 9 }, (_, i) => 9 / 2.1 ** i);
const START = [-2.3, 1.5];
const STEPS = 30;

/** Everything the picture shows, as numbers. */
export function state({ stage, angle, ratio, centre, cloud }) {
  const before = inputs({ angle, ratio, centre, cloud });
  const { mean } = moments(before);
  const covariance = moments(before, mean).second;
  const W = matrix(stage, covariance);
  const centred = before.map(([x, y]) => [x - mean[0], y - mean[1]]);
  const mapped = centred.map(([x, y]) => [W[0][0] * x + W[0][1] * y, W[1][0] * x + W[1][1] * y]);
  const moved = centred.reduce((sum, [x, y], i) => sum + (x - mapped[i][0]) ** 2 + (y - mapped[i][1]) ** 2, 0)
    / centred.length;
  const after = stage === 0 ? before : mapped;
  const { mean: middle, second } = moments(after);
  const left = moments(after, middle).second;
  const { values: [steep, shallow], angle: turn } = axes(second);
  const eta = 2 / (steep + shallow);
  const path = [START];
  for (let k = 0; k < STEPS; k += 1) {
    const [x, y] = path[k];
    path.push([x - eta * (second[0] * x + second[1] * y), y - eta * (second[1] * x + second[2] * y)]);
  }
  return { before: axes(covariance), after, middle, left: axes(left), second, shallow, steep, turn, path, moved,
    kappa: steep / shallow, factor: 1 - eta * shallow, steps: stepsPerDigit(Math.max(1 - eta * shallow, 0)),
    correlation: left[1] / Math.sqrt(left[0] * left[2]) };
}

const price = ({ factor, steps }) => (factor < 1e-3 ? "one step" : fixed(steps, 1));

/** The picture in words. */
export function describe(now) {
  const s = state(now);
  const speed = s.factor < 1e-3 ? "arrives in one step" : `takes ${price(s)} steps per digit`;
  const far = now.stage < 2 ? "" : ` The map has moved the centred inputs by ${fixed(s.moved, 3)} in the mean square.`;
  return `Inputs ${STAGES[now.stage]}: the second moment has eigenvalues ${fixed(s.shallow, 3)} and ${fixed(s.steep, 3)}, `
    + `κ = ${fixed(s.kappa, 1)}; gradient descent with the best step size ${speed}. `
    + `The correlation of the two inputs is ${fixed(s.correlation)}.${far}`;
}

function plane(model) {
  const ticks = [-2, 0, 2].map((v) => [v, fixed(v, 0)]);
  const area = plot({ width: 360, height: 366, margin: [20, 8, 20, 26], role: "group", label: model.get("alt"),
    x: { domain: [-REACH, REACH], ticks, label: "input 1" }, y: { domain: [-REACH, REACH], ticks, label: "input 2" } });
  const unit = area.x(1) - area.x(0);
  const ghost = node("ellipse", { class: "live-rule" });
  const ellipse = node("ellipse");
  const lines = ["shallow", "steep"].map((name) => node("polyline", { class: `live-${name}` }));
  const names = ["v_1", "v_M"].map((name, i) => node("text",
    { class: `live-${["shallow", "steep"][i]} live-tag`, "text-anchor": "middle" }, rich(name, "tspan")));
  const dots = node("g", { class: "live-dots" }, model.get("cloud").map(() => node("circle", { r: 2.2 })));
  const [ox, oy] = [area.x(0), area.y(0)];
  area.inside.append(node("g", { class: "live-contours" }, ellipse), ghost, dots, ...lines, ...names,
    node("path", { class: "live-cross", d: `M${ox - 5} ${oy}h10M${ox} ${oy - 5}v10` }));
  const grip = handle(area, { label: "centre of the inputs as they come", step: 0.1, get: () => model.get("centre"),
    put: (centre) => { model.set("centre", centre); model.save_changes(); } });
  const put = (element, [x, y], { values, angle }) => {
    const [cx, cy] = [area.x(x).toFixed(2), area.y(y).toFixed(2)];
    const [rx, ry] = values.map((v) => (2 * unit * Math.sqrt(v)).toFixed(2));
    set(element, { cx, cy, rx, ry, transform: `rotate(${(-angle).toFixed(2)} ${cx} ${cy})` });
  };
  return { svg: area.svg, draw(now, { centre }) {
    put(ghost, centre, now.before);
    put(ellipse, now.middle, now.left);
    [[now.shallow, 90], [now.steep, 0]].forEach(([value, more], i) => {
      const [c, s] = [Math.cos(((now.turn + more) * Math.PI) / 180), Math.sin(((now.turn + more) * Math.PI) / 180)];
      const size = 2 * Math.sqrt(value);
      set(lines[i], { points: points(area, [-size * c, size * c], [-size * s, size * s]) });
      const at = Math.min(size + 0.3, 3.6);
      set(names[i], { x: area.x(at * c).toFixed(2), y: (area.y(at * s) + 4).toFixed(2) });
    });
    now.after.forEach(([x, y], i) => {
      const [cx, cy] = points(area, [x], [y]).split(",");
      set(dots.children[i], { cx, cy });
    });
    grip();
  } };
}

function bowl() {
  const ticks = [-2, 0, 2].map((v) => [v, fixed(v, 0)]);
  const area = plot({ width: 270, height: 290, margin: [20, 8, 34, 26],
    label: "Contours of the regression loss over the two weights, measured from the minimum, and the path of descent.",
    x: { domain: [-FAR, FAR], ticks, label: "error in w_1" }, y: { domain: [-FAR, FAR], ticks, label: "error in w_2" } });
  const rings = contours(area, LEVELS);
  const path = node("polyline", { class: "live-path" });
  const dots = node("g", { class: "live-dots" }, Array.from({ length: STEPS }, () => node("circle", { r: 2.2 })));
  const [ox, oy] = [area.x(0), area.y(0)];
  area.inside.append(path, dots, node("path", { class: "live-cross", d: `M${ox - 5} ${oy}h10M${ox} ${oy - 5}v10` }));
  return { svg: area.svg, draw(now) {
    rings([now.shallow / now.steep, 1], Number((now.turn + 90).toFixed(2)));
    set(path, { points: points(area, now.path.map((p) => p[0]), now.path.map((p) => p[1])) });
    now.path.slice(1).forEach(([x, y], i) => {
      const [cx, cy] = points(area, [x], [y]).split(",");
      set(dots.children[i], { cx, cy });
    });
  } };
}

function readout() {
  const cells = Array.from({ length: 6 }, () => [node("td"), node("td")]);
  const row = (i, head) => node("tr", {}, node("th", { scope: "row" }, head), cells[i]);
  const swatch = (name, symbol) => [node("span", { class: `live-swatch live-${name}` }), `${name} `, ...rich(symbol)];
  const table = node("table", {},
    node("thead", {}, node("tr", {}, ["direction", "λ", "1 − η*λ"].map((t) => node("th", { scope: "col" }, t)))),
    node("tbody", {}, row(0, swatch("shallow", "λ_1")), row(1, swatch("steep", "λ_M"))),
    node("tbody", {}, row(2, "condition κ"), row(3, "steps per digit")),
    node("tbody", {}, row(4, "correlation"), row(5, "moved by")));
  return { table, draw(now) {
    const texts = [[fixed(now.shallow, 3), fixed(now.factor, 3)], [fixed(now.steep, 3), fixed(-now.factor, 3)],
      [fixed(now.kappa, 1), ""], [price(now), ""], [fixed(now.correlation), ""], [fixed(now.moved, 3), ""]];
    texts.forEach((pair, i) => pair.forEach((text, j) => { cells[i][j].textContent = text; }));
  } };
}

function render({ model, el }) {
  const traits = ["stage", "angle", "ratio", "centre"];
  const parts = [plane(model), bowl(), readout()];
  const stage = slider(model, "stage", { symbol: "z", name: "inputs", min: 0, max: 4, step: 1, show: (v) => STAGES[v] });
  const ratio = slider(model, "ratio", { symbol: "r", name: "ratio of spreads", values: RATIOS, show: String });
  const angle = slider(model, "angle", { symbol: "θ", name: "angle", min: 0, max: 90, step: 5, show: (v) => `${v}°` });
  const figure = frame(model, el, [["main", parts[0].svg],
    ["controls", stage.el, ratio.el, angle.el, reset(model, traits)],
    ["side", parts[1].svg], ["table", parts[2].table]]);
  figure.watch(traits, () => {
    const now = Object.fromEntries([...traits, "cloud"].map((name) => [name, model.get(name)]));
    const shown = state(now);
    parts.forEach((part) => part.draw(shown, now));
    figure.say(describe(now));
  });
  return () => [stage, ratio, angle, figure].forEach((part) => part.dispose());
}

export default { render };
