/** Anything that JSON can carry. */
export type Json =
  null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json | undefined }

/**
 * One text for one value: keys sorted, no white space, `undefined` members left out. Hashes and
 * byte-for-byte comparisons are taken over this form.
 */
export function canonicalJson(value: unknown): string {
  if (value === null || typeof value !== 'object') {
    const text = JSON.stringify(value)
    if (text === undefined) throw new TypeError('canonicalJson: value has no JSON form')
    return text
  }
  // What came as canonical text is in order already, and every event is hashed at the edge and again at the gateway.
  if (isInOrder(value)) return JSON.stringify(value)
  let text = ''
  if (Array.isArray(value)) {
    for (const item of value as unknown[]) text += `${text === '' ? '' : ','}${canonicalJson(item ?? null)}`
    return `[${text}]`
  }
  const members = value as Readonly<Record<string, unknown>>
  for (const key of Object.keys(members).sort()) {
    const member = members[key]
    if (member !== undefined)
      text += `${text === '' ? '' : ','}${JSON.stringify(key)}:${canonicalJson(member)}`
  }
  return `{${text}}`
}

/** Whether `JSON.stringify` writes it as it must stand: members in order, and nothing that is no JSON, at any depth. */
function isInOrder(value: unknown): boolean {
  if (value === null || typeof value !== 'object') return isMember(value)
  if (Array.isArray(value)) return value.every(isInOrder)
  const members = value as Readonly<Record<string, unknown>>
  if ('toJSON' in members) return false
  let before: string | null = null
  for (const key of Object.keys(members)) {
    if ((before !== null && key < before) || !isInOrder(members[key])) return false
    before = key
  }
  return true
}

/** A function or symbol is left to the slow way, which refuses it. */
function isMember(value: unknown): boolean {
  return typeof value !== 'function' && typeof value !== 'symbol'
}
