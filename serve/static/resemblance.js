// How alike two are, in the sentences of indexer/ask/rarity_in_words.py.
import { element, embedded } from "./elements.js";
import { language } from "./words.js";

const RESEMBLANCE = embedded("resemblance");
const words = () => RESEMBLANCE[language];

export const degree = ({ same_person: same, grade }) => (same ? words().same_person : words().grades[grade]);
export const frequency = ({ one_in: number }) =>
  number === 1 ? words().most : words().one_in.replace("{number}", number.toLocaleString(language));
export const surely = (row) => [
  `${frequency(row)} · `, element("span", { className: "whole", textContent: words().how_sure[row.how_sure] }),
];
export const nobodyAlike = () => words().nobody_alike;

// One pair in so many, as one_in() there rounds it.
const oneIn = (rarity) =>
  Number(rarity > 0.1 ? Math.round(1 / rarity) : (1 / rarity).toPrecision(2)).toLocaleString(language);
export const likely = ({ rarity_from: rarest, rarity_to: common }) =>
  words().likely.replace("{few}", oneIn(common)).replace("{many}", oneIn(rarest));
