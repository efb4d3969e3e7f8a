# Power of the designs of `limen power` by stats, rpact, and integrals and tables written out; writes references/designs.json.
# Debian 12: r-base-core, r-cran-rpact, r-cran-jsonlite.
suppressMessages(library(rpact))
library(jsonlite)

# One and two samples, one and two sides: R's own noncentral t.
t_tests <- expand.grid(type = c("one.sample", "paired", "two.sample"), effect = c(0.2, 0.5, 1), n = c(8, 30, 90),
  alternative = c("two.sided", "one.sided"), stringsAsFactors = FALSE)
t_tests$power <- mapply(function(type, d, n, a) power.t.test(n = n, delta = d, sd = 1, sig.level = 0.05, type = type,
  alternative = a, strict = TRUE)$power, t_tests$type, t_tests$effect, t_tests$n, t_tests$alternative)

# Non-inferiority of means: rpact, one-sided, the null at minus the margin; unequal arms too.
inferior <- expand.grid(effect = c(-0.1, 0, 0.2), margin = c(0.3, 0.5), n_active = c(20, 60), n_control = c(20, 60))
inferior$power <- mapply(function(d, m, n1, n0) getPowerMeans(sided = 1, alpha = 0.025, groups = 2, thetaH0 = -m,
  alternative = d, stDev = 1, normalApproximation = FALSE, allocationRatioPlanned = n1 / n0,
  maxNumberOfSubjects = n1 + n0)$overallReject, inferior$effect, inferior$margin, inferior$n_active, inferior$n_control)
inferior$noncentral <- mapply(function(d, m, n1, n0) pt(qt(0.975, n1 + n0 - 2), n1 + n0 - 2,
  (d + m) / sqrt(1 / n1 + 1 / n0), lower.tail = FALSE), inferior$effect, inferior$margin, inferior$n_active, inferior$n_control)

# Equivalence: the two one-sided tests, integrated over the estimated standard deviation.
equivalent <- expand.grid(effect = c(0, 0.2), margin = c(0.5, 1), n = c(10, 25, 80))
equivalent$power <- mapply(function(d, m, n) {
  df <- 2 * n - 2; se <- sqrt(2 / n); t <- qt(0.95, df)
  inner <- function(s) (pnorm((m - t * se * s - d) / se) - pnorm((t * se * s - m - d) / se)) * 2 * df * s * dchisq(df * s^2, df)
  integrate(inner, 0, m / (t * se), rel.tol = 1e-12, subdivisions = 1000)$value
}, equivalent$effect, equivalent$margin, equivalent$n)

# Welch's test: integrated over both estimated standard deviations.
welch <- expand.grid(effect = c(0.5, 1.2), sd_control = c(0.5, 2), n_active = c(10, 30), n_control = c(10, 20))
welch$power <- mapply(function(d, s0, n1, n0) {
  chi <- function(s, df) 2 * df * s * dchisq(df * s^2, df)
  given <- function(a, b) {
    v1 <- a^2 / n1; v0 <- (b * s0)^2 / n0
    width <- qt(0.975, (v1 + v0)^2 / (v1^2 / (n1 - 1) + v0^2 / (n0 - 1))) * sqrt(v1 + v0)
    se <- sqrt(1 / n1 + s0^2 / n0)
    pnorm((d - width) / se) + pnorm((-d - width) / se)
  }
  inner <- function(b) sapply(b, function(b) chi(b, n0 - 1) *
    integrate(function(a) given(a, b) * chi(a, n1 - 1), 0, 6, rel.tol = 1e-10, subdivisions = 500)$value)
  integrate(inner, 0, 6, rel.tol = 1e-9, subdivisions = 500)$value
}, welch$effect, welch$sd_control, welch$n_active, welch$n_control)

# Analysis of covariance: integrated over the chance imbalance of the baseline and the estimated standard deviation (R's own
# noncentral t is not exact enough in the far tail).
ancova <- expand.grid(effect = c(0.3, 0.8), correlation = c(0, 0.6), n_active = c(6, 40), n_control = c(6, 20))
ancova$power <- mapply(function(d, r, n1, n0) {
  n <- n1 + n0
  df <- n - 3; t <- qt(0.975, df)
  rejects <- function(ncp) integrate(function(s) (pnorm(ncp - t * s) + pnorm(-ncp - t * s)) * 2 * df * s * dchisq(df * s^2, df),
    0, 5, rel.tol = 1e-11, subdivisions = 1000)$value
  inner <- function(x) sapply(x, function(x)
    rejects(d / sqrt((1 - r^2) * (1 / n1 + 1 / n0) * (1 + x^2 / (n - 2)))) * 2 * dt(x, n - 2))
  integrate(inner, 0, Inf, rel.tol = 1e-9, subdivisions = 1000)$value
}, ancova$effect, ancova$correlation, ancova$n_active, ancova$n_control)

# Two shares: stats for the score test, rpact for a margin, Fisher's test over every table.
shares <- expand.grid(control = c(0.1, 0.3, 0.6), effect = c(0.1, 0.25), n = c(20, 75))
shares$score <- mapply(function(p, d, n) power.prop.test(n, p, p + d, 0.05, strict = TRUE)$power, shares$control, shares$effect, shares$n)
shares$fisher <- mapply(function(p, d, n) {
  outcome <- outer(0:n, 0:n, Vectorize(function(a, b) fisher.test(matrix(c(a, n - a, b, n - b), 2), conf.int = FALSE)$p.value <= 0.05))
  sum(outer(dbinom(0:n, n, p + d), dbinom(0:n, n, p)) * outcome)
}, shares$control, shares$effect, shares$n)
shares$score_exact <- mapply(function(p, d, n) {
  outcome <- outer(0:n, 0:n, Vectorize(function(a, b) (a + b) %in% 1:(2 * n - 1) &&
    suppressWarnings(prop.test(c(a, b), c(n, n), correct = FALSE))$p.value <= 0.05))
  sum(outer(dbinom(0:n, n, p + d), dbinom(0:n, n, p)) * outcome)
}, shares$control, shares$effect, shares$n)
margins <- expand.grid(control = c(0.4, 0.7), effect = c(-0.02, 0.05), margin = c(0.1, 0.2), n_active = c(50, 150), n_control = c(50, 100))
margins$score <- mapply(function(p, d, m, n1, n0) getPowerRates(sided = 1, alpha = 0.025, groups = 2, thetaH0 = -m, pi1 = p + d, pi2 = p,
  normalApproximation = TRUE, allocationRatioPlanned = n1 / n0, maxNumberOfSubjects = n1 + n0)$overallReject,
  margins$control, margins$effect, margins$margin, margins$n_active, margins$n_control)

# MMRM: the variance of the last visit's difference from the stacked design of every dropout pattern.
mixed <- expand.grid(structure = c("compound-symmetry", "ar1"), correlation = c(0.3, 0.7), visits = c(3, 5), dropout = c(0.2, 0.4),
  stringsAsFactors = FALSE)
mixed$se <- mapply(function(structure, rho, visits, dropout) {
  n <- 100
  step <- abs(outer(1:visits, 1:visits, "-"))
  r <- if (structure == "ar1") rho^step else ifelse(step == 0, 1, rho)
  kept <- seq(1, 1 - dropout, length.out = visits)
  information <- matrix(0, 2 * visits, 2 * visits)
  for (arm in 0:1) for (j in 1:visits) {
    people <- n * (kept[j] - c(kept, 0)[j + 1])
    x <- cbind(diag(visits), arm * diag(visits))[1:j, , drop = FALSE]
    information <- information + people * t(x) %*% solve(r[1:j, 1:j]) %*% x
  }
  sqrt(solve(information)[2 * visits, 2 * visits])
}, mixed$structure, mixed$correlation, mixed$visits, mixed$dropout)

result <- list(t_tests = t_tests, inferior = inferior, equivalent = equivalent, welch = welch, ancova = ancova, shares = shares,
  margins = margins, mixed = mixed, software = list(
    R = paste(R.version$major, R.version$minor, sep = "."), rpact = as.character(packageVersion("rpact"))))
write(toJSON(result, digits = 12, dataframe = "rows", auto_unbox = TRUE, pretty = TRUE), "references/designs.json")
