/** Spellings of a kebab-case name, so that templates need no helpers. */
export interface NameForms {
  /** `charge-payment` */
  name: string;
  /** `chargePayment` */
  camel: string;
  /** `ChargePayment` */
  pascal: string;
  /** `CHARGE_PAYMENT` */
  constant: string;
  /** `Charge payment` */
  title: string;
  /** `charge_payment`, for SQL and metrics */
  snake: string;
  /** `charge-payment`, for paths; the same as `name` unless that has dots or capitals */
  kebab: string;
}

/** `chargePayment`, `charge-payment` and `orders.created` as lists of lower-case words. */
const words = (text: string): string[] =>
  text
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .split(/[^A-Za-z0-9]+/)
    .filter(Boolean)
    .map((word) => word.toLowerCase());

const capital = (word: string): string => word.charAt(0).toUpperCase() + word.slice(1);

/** Every spelling of a name, so that templates need no helpers. `name` itself stays as it was given. */
export function nameForms(name: string): NameForms {
  const parts = words(name);
  const pascal = parts.map(capital).join('');
  return {
    name,
    camel: pascal.charAt(0).toLowerCase() + pascal.slice(1),
    pascal,
    constant: parts.join('_').toUpperCase(),
    title: capital(parts.join(' ')),
    snake: parts.join('_'),
    kebab: parts.join('-'),
  };
}

/** `InventoryService`, as services of Protocol Buffers are called; a name that says so already does not say it twice. */
export const rpcName = (name: string): string => `${nameForms(name).pascal.replace(/Service$/, '')}Service`;
