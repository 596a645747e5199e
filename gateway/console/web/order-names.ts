/** Names that differ in capitals, wide letters or blanks only are one person; the gateway judges in the same way. */
export function isSameName(one: string, other: string): boolean {
  const plain = (name: string) => name.normalize('NFKC').trim().toLowerCase()
  return plain(one) === plain(other)
}

/** A number that no order has yet: whose, day and time (UTC). A person may type another. */
export function suggestedNumber(agency: string, wallMs: number): string {
  const [day = '', time = ''] = new Date(wallMs).toISOString().split('T')
  return `${agency}-${day.replaceAll('-', '')}-${time.slice(0, 8).replaceAll(':', '')}`
}
