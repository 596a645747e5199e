import type { IdentityRefusal } from '../enrol.js'
import type { Text } from './language.js'

/** Why an edge got no certificate, or its certificate is not taken: `enrolment.<reason>`. */
export const enrolTexts = {
  'enrolment.noCertificate': { 'zh-CN': '未出示证书', en: 'no certificate was shown' },
  'enrolment.foreignCertificate': {
    'zh-CN': '证书不是本网关签发的，或不适用于此',
    en: 'the certificate is not of this gateway, or not for this',
  },
  'enrolment.certificateExpired': {
    'zh-CN': '证书不在有效期内：请核对时钟，或重新注册',
    en: 'the certificate is not valid now: look at the clocks, or enrol anew',
  },
  'enrolment.certificateRevoked': {
    'zh-CN': '证书已被吊销：请用新令牌重新注册',
    en: 'the certificate was revoked: enrol anew with a new token',
  },
  'enrolment.unknownEdge': {
    'zh-CN': '网关配置中没有该通道机：请先在 edges 中加入',
    en: 'the gateway’s configuration has no edge of this id: add it to edges first',
  },
  'enrolment.tokenUnknown': {
    'zh-CN': '网关不认识该令牌（可能已有更新的令牌）：请重新生成',
    en: 'the gateway knows no such token, perhaps because there is a newer one: make another',
  },
  'enrolment.tokenUsed': {
    'zh-CN': '令牌已被另一台设备用过：若非本人所为，请立即吊销该通道机并核查',
    en: 'the token was used by another box: unless that was you, revoke the edge at once and look into it',
  },
  'enrolment.tokenExpired': {
    'zh-CN': '令牌已过期：请重新生成',
    en: 'the token has expired: make a new one',
  },
  'enrolment.tokenOfAnother': {
    'zh-CN': '令牌属于另一台通道机',
    en: 'the token is for another edge',
  },
  'enrolment.tokenExhausted': {
    'zh-CN': '令牌尝试次数过多：请重新生成',
    en: 'the token was tried too often: make a new one',
  },
  'enrolment.keyNotProven': {
    'zh-CN': '未能证明持有密钥',
    en: 'the box did not prove that it holds its key',
  },
} as const satisfies Record<`enrolment.${IdentityRefusal}`, Text>
