import type {
  AlertSettingsStore,
  Bounce,
  BouncedAddresses,
  Deliveries,
  NoticeMessage,
  NoticeQueue,
  Notices,
  Watches,
  WatchQueue,
  WatchState,
} from '../../app/ports/notices.ts';
import type { Delivery } from '../../domain/alerts/delivery.ts';
import type { Notice } from '../../domain/alerts/notice.ts';
import type { AlertSettings } from '../../domain/alerts/settings.ts';
import type { UsageArchive } from '../../domain/alerts/usage-archive.ts';

export function memoryWatches(): Watches {
  const states = new Map<string, WatchState>();
  const archives = new Map<string, UsageArchive>();
  return {
    state: async (customer) => structuredClone(states.get(customer)),
    async saveState(state) {
      if ((states.get(state.customer)?.version ?? 0) !== state.version - 1) return 'stale';
      states.set(state.customer, structuredClone(state));
      return 'saved';
    },
    archive: async (customer) => structuredClone(archives.get(customer)),
    async saveArchive(archive) {
      archives.set(archive.customer, structuredClone(archive));
      return 'saved';
    },
  };
}

export function memoryNotices(): Notices {
  const notices = new Map<string, Notice>();
  const key = (customer: string, id: string) => JSON.stringify([customer, id]);
  return {
    async put(notice) {
      const name = key(notice.customer, notice.id);
      if (notices.has(name)) return 'exists';
      notices.set(name, structuredClone(notice));
      return 'put';
    },
    get: async (customer, id) => structuredClone(notices.get(key(customer, id))),
    async newest(customer, limit) {
      const own = [...notices.values()].filter((notice) => notice.customer === customer);
      return structuredClone(own.sort((a, b) => (a.id < b.id ? 1 : -1)).slice(0, limit));
    },
  };
}

export function memoryAlertSettings(): AlertSettingsStore {
  const all = new Map<string, AlertSettings>();
  return {
    settings: async (customer) => structuredClone(all.get(customer)),
    async saveSettings(settings) {
      if ((all.get(settings.customer)?.version ?? 0) !== settings.version - 1) return 'conflict';
      all.set(settings.customer, structuredClone(settings));
      return 'saved';
    },
    async removeSettings(customer) {
      all.delete(customer);
    },
  };
}

export function memoryDeliveries(): Deliveries {
  const all = new Map<string, Delivery>();
  const key = ({ customer, notice, channel }: Pick<Delivery, 'customer' | 'notice' | 'channel'>) =>
    JSON.stringify([customer, notice, channel]);
  return {
    async claim(attempt, now, leaseMs) {
      const found = all.get(key(attempt));
      const isFree =
        found === undefined ||
        (found.state === 'retrying' && found.attempt < attempt.attempt) ||
        (found.state === 'sending' && found.attempt <= attempt.attempt && found.at <= now - leaseMs);
      if (isFree) {
        all.set(key(attempt), { ...attempt, state: 'sending', at: now, answer: null });
        return 'claimed';
      }
      if (found.state === 'sending') return found.attempt > attempt.attempt ? 'done' : 'busy';
      return found.state === 'retrying' && found.attempt === attempt.attempt ? 'again' : 'done';
    },
    async finish(attempt, state, answer, at) {
      const found = all.get(key(attempt));
      if (found?.state !== 'sending' || found.attempt !== attempt.attempt) return;
      all.set(key(attempt), { ...attempt, state, answer, at });
    },
    ofCustomer: async (customer) => [...all.values()].filter((delivery) => delivery.customer === customer),
    async removeDeliveries(customer) {
      for (const [name, delivery] of all) if (delivery.customer === customer) all.delete(name);
    },
  };
}

export function memoryBounces(): BouncedAddresses {
  const all = new Map<string, Bounce>();
  return {
    bounced: async (address) => all.get(address),
    async markBounced(bounce) {
      all.set(bounce.address, bounce);
    },
    async forget(address) {
      all.delete(address);
    },
  };
}

/** Keeps what was sent; whoever tests takes it from `sent`. */
export function memoryNoticeQueue(): NoticeQueue & {
  readonly sent: { readonly message: NoticeMessage; readonly delaySeconds: number }[];
} {
  const sent: { message: NoticeMessage; delaySeconds: number }[] = [];
  return {
    sent,
    async send(message, delaySeconds = 0) {
      sent.push({ message, delaySeconds });
    },
  };
}

export function memoryWatchQueue(): WatchQueue & { readonly sent: string[] } {
  const sent: string[] = [];
  return {
    sent,
    async send(customers) {
      sent.push(...customers);
    },
  };
}
