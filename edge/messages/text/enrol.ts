import type { EnrolTrouble, IdentityRefusal } from '../enrol.js'
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
    'zh-CN': '网关配置中没有该通道控制器：请先在 edges 中加入',
    en: 'the gateway’s configuration has no edge of this id: add it to edges first',
  },
  'enrolment.tokenUnknown': {
    'zh-CN': '网关不认识该令牌（可能已有更新的令牌）：请重新生成',
    en: 'the gateway knows no such token, perhaps because there is a newer one: make another',
  },
  'enrolment.tokenUsed': {
    'zh-CN': '令牌已被另一台设备用过：若非本人所为，请立即吊销该通道控制器并核查',
    en: 'the token was used by another box: unless that was you, revoke the edge at once and look into it',
  },
  'enrolment.tokenExpired': {
    'zh-CN': '令牌已过期：请重新生成',
    en: 'the token has expired: make a new one',
  },
  'enrolment.tokenOfAnother': {
    'zh-CN': '令牌属于另一台通道控制器',
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
  'enrolment.foreignGateway': {
    'zh-CN': '{url} 上应答的不是签发该令牌的网关，令牌未发出：请核对地址；地址无误则有人冒充',
    en: 'what answers at {url} is not the gateway that made this token, and the token was not sent: look at the address; if it is right, somebody stands in between',
  },
  'enrolment.foreignName': {
    'zh-CN': '网关证书中没有名称 {name}：请加入网关配置的 authority.names 并重启网关',
    en: 'the gateway’s certificate does not name {name}: put it into authority.names of the gateway’s configuration and restart it',
  },
  'enrolment.unreachable': {
    'zh-CN': '无法连接 {url}（{why}）：请检查网络、地址以及网关是否在运行',
    en: '{url} cannot be reached ({why}): look at the network, the address, and whether the gateway runs',
  },
  'enrolment.clock': {
    'zh-CN': '按本机时钟（{here}）网关证书不在有效期内：请校准时钟后重试',
    en: 'by the clock of this box ({here}) the gateway’s certificate is not valid: set the clock, or let the time service do it, and try again',
  },
  'enrolment.notKept': {
    'zh-CN': '身份文件无法写入 {folder}（{why}）：请检查磁盘空间和权限，再用同一令牌重试',
    en: 'the identity cannot be written to {folder} ({why}): look at disk space and owner, then run the same command with the same token again',
  },
} as const satisfies Record<`enrolment.${IdentityRefusal | EnrolTrouble}`, Text>
