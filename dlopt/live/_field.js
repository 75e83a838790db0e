// Contour lines of any function of the plane, by marching squares.

/** Lines where f(x, y) = level, on an n × n grid over [−reach, reach]²; a closed line ends with its first point. */
export function levelLines(f, reach, n, level) {
  const at = (i) => (2 * reach * i) / n - reach;
  const rise = (i, j) => f(at(i), at(j)) - level;
  const grid = Array.from({ length: n + 1 }, (_, j) => Array.from({ length: n + 1 }, (_, i) => rise(i, j)));
  const next = new Map(); // an edge is 2(i + j(n + 1)), plus 1 where it goes up; high ground lies on the left of a line
  for (let j = 0; j < n; j += 1) {
    for (let i = 0; i < n; i += 1) {
      const corners = [grid[j][i], grid[j][i + 1], grid[j + 1][i + 1], grid[j + 1][i]];
      const first = 2 * (i + j * (n + 1));
      const edges = [first, first + 3, first + 2 * (n + 1), first + 1];
      const high = (k) => corners[k % 4] >= 0;
      for (let k = 0; k < 4; k += 1) {
        if (high(k) || !high(k + 1)) continue;
        let m = k + 1;
        while (high(m + 1)) m += 1;
        next.set(edges[m % 4], edges[k]);
      }
    }
  }
  const point = (edge) => {
    const [i, j] = [(edge >> 1) % (n + 1), Math.floor((edge >> 1) / (n + 1))];
    const [k, l] = edge % 2 ? [i, j + 1] : [i + 1, j];
    const share = grid[j][i] / (grid[j][i] - grid[l][k]);
    return [at(i) + share * (at(k) - at(i)), at(j) + share * (at(l) - at(j))];
  };
  const reached = new Set(next.values());
  const edges = [...next.keys()];
  const lines = [];
  for (const first of [...edges.filter((edge) => !reached.has(edge)), ...edges]) { // open lines from their ends
    if (!next.has(first)) continue;
    const line = [];
    for (let edge = first; edge !== undefined;) {
      line.push(point(edge));
      const to = next.get(edge);
      next.delete(edge);
      edge = to;
    }
    lines.push(line);
  }
  return lines;
}

/**
 * Lines as a path's `d`, rounded off: a parabola from the middle of each segment to the middle of the next. In whole
 * tenths of a pixel and relative, which is short; scale it by 0.1. Corners are even, so that their middles are exact.
 */
export function outline({ x, y }, lines) {
  return lines.map((line) => {
    const spots = line.map(([u, v]) => [x(u), y(v)].map((p) => 2 * Math.floor(5 * p + 0.5)));
    const [first, last] = [spots[0], spots[spots.length - 1]];
    const middles = spots.slice(1).map(([u, v], k) => [(u + spots[k][0]) / 2, (v + spots[k][1]) / 2]);
    const closed = `${first}` === `${last}`;
    if (closed) middles.push(middles[0]);
    const moves = middles.slice(1).map(([u, v], k) => `${u - middles[k][0]},${v - middles[k][1]}`);
    const [u, v] = spots[1];
    const rest = `${moves.length > 1 ? "t" : ""}${moves.slice(1).join(" ")}`;
    const bend = moves.length ? `q${u - middles[0][0]},${v - middles[0][1]} ${moves[0]}${rest}` : "";
    return closed ? `M${middles[0]}${bend}` : `M${first}L${middles[0]}${bend}L${last}`;
  }).join("");
}
