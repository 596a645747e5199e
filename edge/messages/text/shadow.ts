import type { Text } from './language.js'

/** The report on a lane in SHADOW; `{name}` is filled in. */
export const shadowTexts = {
  'shadow.title': {
    'zh-CN': '双轨试运行报告：{from} 至 {to}，共 {passages} 次通行',
    en: 'Report on the trial run: {from} to {to}, {passages} passages',
  },
  'shadow.none': { 'zh-CN': '没有双轨试运行的通行记录', en: 'No passage was judged on trial' },
  'shadow.agreed': { 'zh-CN': '系统与人员一致：{count}', en: 'Lane and officer agree: {count}' },
  'shadow.laneOnlyReleases': {
    'zh-CN': '仅系统拟放行（人员未放行）：{count}',
    en: 'The lane alone would have released: {count}',
  },
  'shadow.personOnlyReleases': {
    'zh-CN': '仅人员放行（系统拟不放行）：{count}',
    en: 'The officer alone released: {count}',
  },
  'shadow.unanswered': { 'zh-CN': '无人处置：{count}', en: 'Without an answer: {count}' },
  'shadow.row': {
    'zh-CN': '{code} {outcome}：{passages} 次，人员放行 {release}、扣留 {hold}、退回 {return}、无处置 {none}',
    en: '{code} {outcome}: {passages} passages; officer released {release}, held {hold}, sent back {return}, none {none}',
  },
  'shadow.differing': { 'zh-CN': '不一致的通行：', en: 'Passages on which they differ:' },
} as const satisfies Record<string, Text>
