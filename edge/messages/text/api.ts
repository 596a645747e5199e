import type { Text } from './language.js'

/** `api.<error>`: why the gateway did not do what was asked, for the person who asked. */
export const apiErrors = {
  'api.notSignedIn': { 'zh-CN': '未登录', en: 'You are not signed in' },
  'api.conflict': {
    'zh-CN': '此事项已由他人处理或已变化，请查看最新状态',
    en: 'Somebody else answered this, or it has changed: look at it again',
  },
  'api.notFound': { 'zh-CN': '未找到该事项', en: 'There is no such thing here (any more)' },
  /** Set by the page itself: whether the gateway took it is not known. */
  'api.unreachable': {
    'zh-CN': '没有收到中心的答复，不确定是否已执行，请看最新状态',
    en: 'The gateway did not answer, so it may or may not have been taken: look at it again',
  },
  /** Stands in for an error that this page has no words for. */
  'api.other': { 'zh-CN': '中心未接受，请看最新状态', en: 'The gateway did not take it: look at it again' },
} as const satisfies Record<string, Text>
