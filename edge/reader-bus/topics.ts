/**
 * Whether a topic filter of the configuration covers a topic, or a filter that a client asks for:
 * everything that the asked filter matches is then matched by the allowed one.
 *
 * Topics that begin with `$` are the broker's own and covered by nothing.
 */
export function covers(allowed: string, asked: string): boolean {
  if (asked.startsWith('$') || allowed.startsWith('$')) return false
  const allowedLevels = allowed.split('/')
  const askedLevels = asked.split('/')
  for (const [index, level] of allowedLevels.entries()) {
    // `a/#` matches `a` as well (MQTT 3.1.1, 4.7.1.2).
    if (level === '#') return true
    const askedLevel = askedLevels[index]
    if (askedLevel === undefined || askedLevel === '#') return false
    if (level !== '+' && level !== askedLevel) return false
  }
  const rest = askedLevels.length - allowedLevels.length
  return rest === 0
}

/** What MQTT 3.1.1 (4.7.1) allows as a filter: `#` alone and last, `+` alone in its level. */
export function isFilter(text: string): boolean {
  if (text === '' || text.includes('\0')) return false
  const levels = text.split('/')
  return levels.every((level, index) => {
    if (level === '#') return index === levels.length - 1
    return level === '+' || !/[#+]/.test(level)
  })
}
