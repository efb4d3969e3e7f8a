# Group-sequential designs by rpact; writes references/sequential.json.
# Debian 12: r-base-core, r-cran-rpact, r-cran-jsonlite.
suppressMessages(library(rpact))
library(jsonlite)
even <- function(k) (1:k) / k
cases <- list()
keep <- function(spending, design, power) {
  found <- getDesignCharacteristics(design)
  cases[[length(cases) + 1]] <<- list(
    spending = spending, information = design$informationRates, alpha = design$alpha, sided = design$sided, power = power,
    futility = if (design$sided == 1 && any(design$futilityBounds > -6)) design$futilityBounds else list(),
    beta_spending = if (grepl("^bs", design$typeBetaSpending)) design$typeBetaSpending else "",
    gamma_beta = if (design$typeBetaSpending %in% c("bsHSD", "bsKD")) design$gammaB else 0, binding = design$bindingFutility,
    efficacy = design$criticalValues, spent = design$alphaSpent, shift = found$shift, inflation = found$inflationFactor,
    stops = as.vector(found$rejectionProbabilities), futile = as.vector(found$futilityProbabilities),
    expected = c(found$averageSampleNumber0, found$averageSampleNumber01, found$averageSampleNumber1))
}
types <- list(c("obrien-fleming", "OF", 0), c("pocock", "P", 0), c("wang-tsiatis(0.25)", "WT", 0.25),
  c("lan-demets-obrien-fleming", "asOF", 0), c("lan-demets-pocock", "asP", 0), c("hwang-shih-decani(-4)", "asHSD", -4),
  c("hwang-shih-decani(1)", "asHSD", 1), c("kim-demets(3)", "asKD", 3))
times <- list(even(2), even(3), even(5), c(0.2, 0.35, 0.9, 1))
for (type in types) for (at in times) for (sided in 1:2) {
  given <- list(sided = sided, alpha = 0.025 * sided, beta = 0.1, informationRates = at, typeOfDesign = type[2], tolerance = 1e-10)
  if (type[2] == "WT") given$deltaWT <- as.numeric(type[3])
  if (type[2] %in% c("asHSD", "asKD")) given$gammaA <- as.numeric(type[3])
  keep(type[1], do.call(getDesignGroupSequential, given), 0.9)
}
for (binding in c(FALSE, TRUE)) for (at in list(even(3), c(0.3, 0.6, 1))) {
  for (type in list(c("lan-demets-obrien-fleming", "asOF"), c("lan-demets-pocock", "asP"))) {
    keep(type[1], getDesignGroupSequential(sided = 1, alpha = 0.025, beta = 0.2, informationRates = at, typeOfDesign = type[2],
      futilityBounds = c(0, 0.5), bindingFutility = binding, tolerance = 1e-10), 0.8)
    for (by in list(c("bsOF", 0), c("bsP", 0), c("bsHSD", -2), c("bsKD", 2))) {
      given <- list(sided = 1, alpha = 0.025, beta = 0.2, informationRates = at, typeOfDesign = type[2], typeBetaSpending = by[1],
        bindingFutility = binding, tolerance = 1e-10)
      if (by[2] != "0") given$gammaB <- as.numeric(by[2])
      keep(type[1], do.call(getDesignGroupSequential, given), 0.8)
    }
  }
}
result <- list(cases = cases, software = list(
  R = paste(R.version$major, R.version$minor, sep = "."), rpact = as.character(packageVersion("rpact"))))
write(toJSON(result, digits = 12, auto_unbox = TRUE, pretty = FALSE), "references/sequential.json")
