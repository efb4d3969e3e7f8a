# Power of the two-sample t test by rpact and stats::power.t.test; writes references/power.json.
# Debian 12: r-base-core, r-cran-rpact, r-cran-jsonlite.
suppressMessages(library(rpact))
library(jsonlite)
grid <- expand.grid(effect = c(0.1, 0.3, 0.5, 1), n = c(10, 25, 64, 200), alpha = c(0.05, 0.01))
grid$power_t_test <- mapply(function(d, n, a) {
  power.t.test(n = n, delta = d, sd = 1, sig.level = a, strict = TRUE, tol = 1e-12)$power
}, grid$effect, grid$n, grid$alpha)
unequal <- expand.grid(effect = c(0.3, 0.8), n_active = c(20, 60), ratio = c(0.5, 2), alpha = 0.05)
fixed <- function(d, n1, n2, a) {
  getPowerMeans(sided = 2, alpha = a, groups = 2, alternative = d, stDev = 1, normalApproximation = FALSE,
    allocationRatioPlanned = n1 / n2, maxNumberOfSubjects = n1 + n2)$overallReject
}
grid$rpact <- mapply(function(d, n, a) fixed(d, n, n, a), grid$effect, grid$n, grid$alpha)
unequal$n_control <- unequal$n_active * unequal$ratio
unequal$rpact <- mapply(fixed, unequal$effect, unequal$n_active, unequal$n_control, unequal$alpha)
result <- list(equal = grid, unequal = unequal, software = list(
  R = paste(R.version$major, R.version$minor, sep = "."), rpact = as.character(packageVersion("rpact"))
))
write(toJSON(result, digits = 12, dataframe = "rows", auto_unbox = TRUE, pretty = TRUE), "references/power.json")
