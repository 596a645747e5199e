/** What was not looked up is not known. Own members only: a tag may bear any name, `constructor` among them. */
export function factOf<T>(facts: Readonly<Record<string, T>>, key: string): T | 'unknown' {
  const fact = Object.hasOwn(facts, key) ? facts[key] : undefined
  return fact === undefined ? 'unknown' : fact
}
