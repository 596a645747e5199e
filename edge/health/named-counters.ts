/** The counters of one part under its name, as health shows them: `<name>.<counter>`. */
export function namedCounters(name: string, counters: object): [string, number][] {
  return Object.entries(counters).flatMap(([key, value]): [string, number][] =>
    typeof value === 'number' ? [[`${name}.${key}`, value]] : [],
  )
}
