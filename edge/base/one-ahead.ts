/**
 * What `start` brings for each of these, in their order, with the next one under way while one is dealt with. Where the
 * caller stops, what is under way is not waited for.
 */
export async function* oneAhead<From, To>(
  all: Iterable<From>,
  start: (one: From) => Promise<To>,
): AsyncGenerator<To> {
  let underWay: Promise<To> | null = null
  for (const one of all) {
    const next = start(one)
    // Whoever awaits it hears of it; until then, or if nobody will, it must not end the process.
    next.catch(() => undefined)
    if (underWay) yield await underWay
    underWay = next
  }
  if (underWay) yield await underWay
}
