/** Ends of names that a company's or a machine's own resolver answers. */
const privateEnds = /^(internal|local|localdomain|lan|corp|home|intranet|private|consul|mesh)$/;

const words = (list: string): ReadonlySet<string> => new Set(list.trim().split(/\s+/));

/** Generic top-level domains that names really end in (IANA's root zone); those of countries have two letters. */
const generic = words(`
  academy accountant accountants actor ads adult aero agency ai amsterdam analytics android app apple arpa art asia associates
  attorney auction audible audio author auto autos aws azure baby band bank bar barcelona bargains baseball basketball bayern
  beauty beer berlin best bet bible bid bike bingo bio biz black blackfriday blog bloomberg blue boats bofa bond boo book booking
  boston bot boutique box broadway broker brussels build builders business buy buzz bzh cafe call cam camera camp canon capetown
  capital car cards care career careers cars casa case cash casino cat catering catholic center ceo cfd charity chat cheap christmas
  chrome church circle cisco citic city claims cleaning click clinic clinique clothing cloud club coach codes coffee college cologne
  com community company compare computer comsec condos construction consulting contact contractors cooking cool coop corsica country
  coupon coupons courses credit creditcard cricket cruise cruises cymru dad dance data date dating day deal dealer deals degree
  delivery democrat dental dentist desi design dev diamonds diet digital direct directory discount doctor dog domains download
  drive duck earth eat eco edu education email energy engineer engineering enterprises epson equipment esq estate eus events
  exchange expert exposed express fail faith family fan fans farm fashion fast feedback film final finance financial fire fish
  fishing fit fitness flights florist flowers fly foo food football forex forsale forum foundation free frl fun fund furniture
  futbol fyi gal gallery game games garden gay gent gift gifts gives giving glass global gmail gmbh gold golf goog google gop gov
  graphics gratis green gripe grocery group guide guitars guru hair hamburg haus health healthcare help helsinki hiphop hiv hockey
  holdings holiday homes horse hospital host hosting hot hotels house how ibm icu immo immobilien inc industries info ing ink
  institute insurance insure int international investments irish ist istanbul java jetzt jewelry jobs joburg juegos kaufen kids kim
  kitchen kiwi koeln kred land lat law lawyer lease legal lgbt life lifestyle lighting limited limo link live living llc loan loans
  locker lol london lotto love ltd ltda luxe luxury madrid maison makeup management map market marketing markets mba media
  meet melbourne meme memorial men menu miami microsoft mil mini mls mobi mobile moda moe mom monash money monster mortgage moscow
  moto motorcycles mov movie museum music nagoya name navy net network new news next ngo ninja nokia now nowruz nrw nyc observer
  office okinawa omega one ong onl online ooo open oracle orange org organic osaka ott page paris partners parts party pay pet
  pharmacy phd phone photo photography photos physio pics pictures pid pin ping pink pizza place play plumbing plus poker politie
  porn post press prime pro prod productions prof promo properties property protection pub qpon quebec quest racing radio read
  realestate realtor realty recipes red rehab reise reisen rent rentals repair report republican rest restaurant review reviews
  rich rio rip rocks rodeo room rsvp rugby ruhr run saarland safe safety sale salon samsung sap sarl save saxo school schule
  science scot search seat secure security select services sex sexy sfr shia shiksha shoes shop shopping show site skate ski skin sky
  smart soccer social software solar solutions song soy spa space sport spot srl storage store stream studio study style sucks
  supplies supply support surf surgery swiss sydney systems taipei talk target tatar tattoo tax taxi team tech technology tel
  tennis theater theatre tickets tienda tips tires tirol today tokyo tools top toray tours town toyota toys trade trading training
  travel trust tube tunes university uno vacations vana vegas ventures versicherung vet viajes video villas vin vip vision vlaanderen
  vodka vote voting voto voyage wales walter wang watch watches weather webcam website wed wedding weibo whoswho wien wiki win
  wine winners work works world wtf xbox xerox xin xxx xyz yachts yoga yokohama you youtube zero zip zone zuerich
`);

/** Whether a name that ends in this word may be answered by somebody outside the cluster. */
export const endsOutside = (word: string): boolean =>
  /^[a-z]{2}$/.test(word) || word.startsWith('xn--') || generic.has(word) || privateEnds.test(word);
