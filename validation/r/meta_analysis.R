# Reference values of metafor for validation/test_meta_analysis.py. Run from validation/:
#   LIMEN_REALDATA=... Rscript r/meta_analysis.R
suppressMessages({library(metafor); library(jsonlite)})

fit <- function(yi, vi, method, test = "z") {
  # The root searches of PM and of the Q-profile stop at about 1e-4 unless told otherwise.
  m <- rma(yi, vi, method = method, test = test, control = list(threshold = 1e-12, maxiter = 10000, tol = 1e-14))
  p <- predict(m)
  profile <- if (method == "EE" || length(yi) < 2) c(NA, NA) else confint(m, control = list(tol = 1e-14))$random["tau^2", 2:3]
  list(method = method, test = test, est = m$beta[1], se = m$se, low = m$ci.lb, high = m$ci.ub, p = m$pval,
       tau2 = m$tau2, tau2_low = profile[[1]], tau2_high = profile[[2]], q = m$QE, q_p = m$QEp, i2 = m$I2, h2 = m$H2,
       pi_low = if (method == "EE") NA else p$pi.lb, pi_high = if (method == "EE") NA else p$pi.ub)
}

# Made up: twelve trials with some spread and some asymmetry, and eight that agree.
sets <- list(
  spread = list(y = c(0.10, 0.62, -0.31, 0.88, 0.05, 0.41, 1.20, -0.12, 0.33, 0.57, 0.02, 0.75),
                v = c(0.021, 0.084, 0.047, 0.152, 0.012, 0.065, 0.231, 0.033, 0.051, 0.090, 0.017, 0.120)),
  agreeing = list(y = c(0.20, 0.24, 0.15, 0.28, 0.19, 0.22, 0.26, 0.17),
                  v = c(0.040, 0.090, 0.060, 0.100, 0.050, 0.070, 0.080, 0.055)),
  two = list(y = c(-0.03, -0.15), v = c(0.0203, 0.1183))
)
real <- file.path(Sys.getenv("LIMEN_REALDATA"), "02_meta_analysis")
normand <- read.csv(file.path(real, "dat_normand1999.csv"))
n <- escalc("MD", m1i = m1i, sd1i = sd1i, n1i = n1i, m2i = m2i, sd2i = sd2i, n2i = n2i, data = normand, vtype = "HO")

out <- list(software = paste("metafor", packageVersion("metafor"), R.version.string), sets = list())
for (name in names(sets)) {
  s <- sets[[name]]
  fits <- list()
  for (method in c("EE", "DL", "PM", "ML", "REML")) {
    fits[[method]] <- fit(s$y, s$v, method)
    if (method != "EE") fits[[paste0(method, "_knha")]] <- fit(s$y, s$v, method, "adhoc")
  }
  out$sets[[name]] <- list(y = s$y, v = s$v, fits = fits)
}
s <- sets$spread
x <- c(1, 2, 0, 3, 1, 2, 4, 0, 1, 2, 0, 3)
m <- rma(s$y, s$v, mods = ~x, method = "REML", control = list(threshold = 1e-12, maxiter = 10000))
out$regression <- list(x = x, beta = as.vector(m$beta), se = m$se, tau2 = m$tau2, qe = m$QE)
egger <- regtest(rma(s$y, s$v, method = "REML"), model = "lm")
rank <- ranktest(rma(s$y, s$v, method = "REML"))
out$asymmetry <- list(egger = egger$zval, egger_p = egger$pval, rank = as.numeric(rank$tau), rank_p = rank$pval)
loo <- leave1out(rma(s$y, s$v, method = "DL"))
out$leave_one_out <- as.vector(loo$estimate)
out$cumulative <- as.vector(cumul(rma(s$y, s$v, method = "DL"))$estimate)
one <- function(...) { e <- escalc(...); c(e$yi, e$vi) }
out$sizes <- list(
  smd = one("SMD", m1i = 18.2, sd1i = 8.1, n1i = 24, m2i = 22.9, sd2i = 9.4, n2i = 21),
  md = one("MD", m1i = 18.2, sd1i = 8.1, n1i = 24, m2i = 22.9, sd2i = 9.4, n2i = 21),
  rr = one("RR", ai = 7, n1i = 40, ci = 3, n2i = 38),
  or = one("OR", ai = 7, n1i = 40, ci = 3, n2i = 38),
  or_zero = one("OR", ai = 4, n1i = 40, ci = 0, n2i = 38),
  rd = one("RD", ai = 7, n1i = 40, ci = 3, n2i = 38),
  smcc = one("SMCC", m1i = 18.2, sd1i = 8.1, m2i = 22.9, sd2i = 9.4, ri = 0.6, ni = 30)
)
out$normand_extra <- lapply(c("PM", "ML"), function(method) fit(n$yi, n$vi, method))
names(out$normand_extra) <- c("PM", "ML")
write_json(out, "references/metafor.json", auto_unbox = TRUE, digits = 12, na = "null", pretty = TRUE)
