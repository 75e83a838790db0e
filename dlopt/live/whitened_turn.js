// Once a cloud is white it may be turned: how far each turn takes it from where it was (syllabus W3).
import { axes, inputs, matrix, moments } from "./_cloud.js";
import { drag, fixed, frame, node, plot, points, reset, rich, set, slider } from "./_kit.js";

const RATIOS = [1.5, 2, 3, 4, 6, 8, 10];
const REACH = 3; // the plane shows [−3, 3] twice
const TALL = 8;
const GRID = Array.from({ length: 73 }, (_, i) => 5 * i - 180);
const SHOWN = 4; // every fourth point shows its way

const cosine = (degrees) => Math.cos((degrees * Math.PI) / 180);
const sine = (degrees) => Math.sin((degrees * Math.PI) / 180);

/** E‖x − QΣ^(−1/2)x‖² = tr Σ + 2 − 2 cos φ tr Σ^(1/2) for the turn Q by φ, from the variances. */
export const distance = ([first, second], turn) =>
  first + second + 2 - 2 * cosine(turn) * (Math.sqrt(first) + Math.sqrt(second));

/** Everything the picture shows, as numbers. */
export function state({ turn, angle, ratio, cloud }) {
  const before = inputs({ angle, ratio, centre: [0, 0], cloud });
  const covariance = moments(before).second;
  const long = axes(covariance);
  const [[a, b], [d, e]] = matrix(4, covariance);
  const [c, s] = [cosine(turn), sine(turn)];
  const after = before.map(([x, y]) => {
    const [u, v] = [a * x + b * y, d * x + e * y];
    return [c * u - s * v, s * u + c * v];
  });
  const moved = before.reduce((sum, [x, y], i) => sum + (x - after[i][0]) ** 2 + (y - after[i][1]) ** 2, 0) / before.length;
  return { before, after, long, moved, least: distance(long.values, 0), pca: -long.angle,
    pcaMoved: distance(long.values, long.angle), curve: GRID.map((t) => distance(long.values, t)) };
}

/** The picture in words. */
export function describe(now) {
  const s = state(now);
  return `Whitened and turned by ${fixed(now.turn, 0)}°, the cloud has moved by ${fixed(s.moved, 3)} in the mean square. `
    + `Least is ZCA, no turn, with ${fixed(s.least, 3)}; PCA is the turn by ${fixed(s.pca, 0)}° and moves it by `
    + `${fixed(s.pcaMoved, 3)}. The condition number is 1 at every turn.`;
}

function plane(model) {
  const ticks = [-2, 0, 2].map((v) => [v, fixed(v, 0)]);
  const area = plot({ width: 360, height: 366, margin: [20, 8, 20, 26], label: model.get("alt"),
    x: { domain: [-REACH, REACH], ticks, label: "input 1" }, y: { domain: [-REACH, REACH], ticks, label: "input 2" } });
  const unit = area.x(1) - area.x(0);
  const [ox, oy] = [area.x(0), area.y(0)];
  const ghost = node("ellipse", { class: "live-rule", cx: ox, cy: oy });
  const ways = Array.from({ length: 10 }, () => node("line", { class: "live-rule" }));
  const lines = ["shallow", "steep"].map((name) => node("polyline", { class: `live-${name}` }));
  const names = ["v_1", "v_M"].map((name, i) => node("text",
    { class: `live-${["shallow", "steep"][i]} live-tag`, "text-anchor": "middle" }, rich(name, "tspan")));
  const dots = node("g", { class: "live-dots" }, model.get("cloud").map(() => node("circle", { r: 2.2 })));
  area.inside.append(node("g", { class: "live-contours" }, node("ellipse", { cx: ox, cy: oy, rx: (2 * unit).toFixed(2),
    ry: (2 * unit).toFixed(2), transform: `rotate(0.00 ${ox} ${oy})` })), ghost, ...ways, dots, ...lines, ...names,
    node("path", { class: "live-cross", d: `M${ox - 5} ${oy}h10M${ox} ${oy - 5}v10` }));
  return { svg: area.svg, draw(now, { turn }) {
    const [rx, ry] = now.long.values.map((v) => (2 * unit * Math.sqrt(v)).toFixed(2));
    set(ghost, { rx, ry, transform: `rotate(${(-now.long.angle).toFixed(2)} ${ox} ${oy})` });
    ways.forEach((way, i) => {
      const [[x1, y1], [x2, y2]] = [now.before, now.after].map((all) => all[SHOWN * i].map((v, k) => [area.x, area.y][k](v).toFixed(2)));
      set(way, { x1, y1, x2, y2 });
    });
    [90, 0].forEach((more, i) => {
      const [c, s] = [cosine(now.long.angle + turn + more), sine(now.long.angle + turn + more)];
      set(lines[i], { points: points(area, [0, 2 * c], [0, 2 * s]) });
      set(names[i], { x: area.x(2.3 * c).toFixed(2), y: (area.y(2.3 * s) + 4).toFixed(2) });
    });
    now.after.forEach(([x, y], i) => {
      const [cx, cy] = points(area, [x], [y]).split(",");
      set(dots.children[i], { cx, cy });
    });
  } };
}

function curve(model) {
  const area = plot({ width: 270, height: 256, margin: [24, 8, 34, 26],
    label: "Mean squared distance against the turn: a cosine, least at no turn.",
    x: { domain: [-180, 180], ticks: [-90, 0, 90].map((v) => [v, `${fixed(v, 0)}°`]), label: "turn φ" },
    y: { domain: [0, TALL], ticks: [0, 2, 4, 6].map((v) => [v, v]), label: "mean squared distance" } });
  const line = node("polyline", { class: "live-path" });
  const rule = node("path", { class: "live-rule" });
  const names = [["PCA", "end"], ["ZCA", "middle"]].map(([text, anchor]) => node("text",
    { class: "live-note", "text-anchor": anchor }, text));
  const gem = node("path", { class: "live-best", d: "M0 -6L6 0L0 6L-6 0Z" });
  const grip = node("g", { class: "live-handle live-sideways" }, node("circle", { class: "live-reach", r: 22 }),
    node("circle", { class: "live-ring", r: 9 }), node("circle", { class: "live-core", r: 3.5 }));
  drag(area, grip, ([turn]) => {
    model.set("turn", Math.round(Math.min(180, Math.max(-180, turn)) / 5) * 5);
    model.save_changes();
  });
  area.inside.append(rule, line);
  area.over.append(...names, gem, grip);
  return { svg: area.svg, draw(now, { turn }) {
    set(line, { points: points(area, GRID, now.curve) });
    const [x, y] = [area.x(now.pca).toFixed(2), area.y(now.pcaMoved).toFixed(2)];
    set(rule, { d: `M${x} ${area.y(0)}V${y}` });
    set(names[0], { x: (area.x(now.pca) - 3).toFixed(2), y: area.y(0) - 4 });
    set(names[1], { x: area.x(0).toFixed(2), y: (area.y(now.least) - 12).toFixed(2) });
    set(gem, { transform: `translate(${area.x(0).toFixed(2)} ${area.y(now.least).toFixed(2)})` });
    set(grip, { transform: `translate(${area.x(turn).toFixed(2)} ${area.y(now.moved).toFixed(2)})` });
  } };
}

function readout() {
  const cells = Array.from({ length: 4 }, () => [node("td"), node("td")]);
  const row = (i, ...head) => node("tr", {}, node("th", { scope: "row" }, head), cells[i]);
  const table = node("table", {},
    node("thead", {}, node("tr", {}, ["map", "turn", "moved by"].map((t) => node("th", { scope: "col" }, t)))),
    node("tbody", {}, row(0, node("span", { class: "live-gem" }), "ZCA"), row(1, "PCA"), row(2, "this one")),
    node("tbody", {}, row(3, "condition κ")));
  return { table, draw(now, { turn }) {
    const texts = [["0°", fixed(now.least, 3)], [`${fixed(now.pca, 0)}°`, fixed(now.pcaMoved, 3)],
      [`${fixed(turn, 0)}°`, fixed(now.moved, 3)], ["1", ""]];
    texts.forEach((pair, i) => pair.forEach((text, j) => { cells[i][j].textContent = text; }));
  } };
}

function render({ model, el }) {
  const traits = ["turn", "angle", "ratio"];
  const parts = [plane(model), curve(model), readout()];
  const turn = slider(model, "turn", { symbol: "φ", name: "turn", min: -180, max: 180, step: 5,
    show: (v) => `${fixed(v, 0)}°` });
  const angle = slider(model, "angle", { symbol: "θ", name: "angle of the cloud", min: 0, max: 90, step: 5, show: (v) => `${v}°` });
  const ratio = slider(model, "ratio", { symbol: "r", name: "ratio of spreads", values: RATIOS, show: String });
  const figure = frame(model, el, [["main", parts[0].svg],
    ["controls", turn.el, angle.el, ratio.el, reset(model, traits)],
    ["side", parts[1].svg], ["table", parts[2].table]]);
  figure.watch(traits, () => {
    const now = Object.fromEntries([...traits, "cloud"].map((name) => [name, model.get(name)]));
    const shown = state(now);
    parts.forEach((part) => part.draw(shown, now));
    figure.say(describe(now));
  });
  return () => [turn, angle, ratio, figure].forEach((part) => part.dispose());
}

export default { render };
