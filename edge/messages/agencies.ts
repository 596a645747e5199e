/** Who may rule on a crossing: quarantine, customs, border police, public security, and the port itself. */
export const agencies = ['IQ', 'CUSTOMS', 'BORDER_POLICE', 'PUBLIC_SECURITY', 'PORT'] as const

export type Agency = (typeof agencies)[number]
