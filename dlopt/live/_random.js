// A small seeded generator, the same in _random.py: mulberry32 and Box and Muller.

/** Uniform numbers in (0, 1), never 0. */
export function uniforms(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return (((t ^ (t >>> 14)) >>> 0) + 0.5) / 4294967296;
  };
}

/** `count` standard normal numbers. */
export function normals(uniform, count) {
  const made = [];
  while (made.length < count) {
    const [radius, angle] = [Math.sqrt(-2 * Math.log(uniform())), 2 * Math.PI * uniform()];
    made.push(radius * Math.cos(angle), radius * Math.sin(angle));
  }
  return made.slice(0, count);
}
