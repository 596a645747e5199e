/** The languages people read here. Every text exists in each of them. */
export const languages = ['zh-CN', 'en'] as const
export type Language = (typeof languages)[number]
export type Text = Readonly<Record<Language, string>>
