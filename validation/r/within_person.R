# Within-person designs by lme4, lmerTest, pbkrtest and nlme; writes references/within_person.json and the data it used.
# Debian 12: r-base-core, r-cran-lme4, r-cran-lmertest, r-cran-pbkrtest, r-cran-nlme, r-cran-emmeans, r-cran-jsonlite.
suppressMessages({library(lme4); library(lmerTest); library(pbkrtest); library(nlme); library(emmeans); library(jsonlite)})
emm_options(lmerTest.limit = 1e4, pbkrtest.limit = 1e4)
tight <- lmerControl(optimizer = "bobyqa", optCtrl = list(rhoend = 1e-12, maxfun = 1e6))
described <- function(fit, ddf) {
  table <- anova(fit, type = 3, ddf = ddf)
  list(term = rownames(table), f = table[["F value"]], num = table$NumDF, den = table$DenDF, p = table[["Pr(>F)"]])
}
compared <- function(means) {
  d <- as.data.frame(contrast(means, "trt.vs.ctrl", ref = 1, adjust = "none"))
  list(contrast = as.character(d$contrast), estimate = d$estimate, se = d$SE, df = d$df)
}
asked <- function(fit, by) list(
  minus2 = -2 * as.numeric(logLik(fit)), variance = as.data.frame(VarCorr(fit))$vcov,
  satterthwaite = c(compared(emmeans(fit, by, lmer.df = "satterthwaite")), type3 = list(described(fit, "Satterthwaite"))),
  kenward_roger = c(compared(emmeans(fit, by, lmer.df = "kenward-roger")), type3 = list(described(fit, "Kenward-Roger")))
)
result <- list()
for (name in c("crossover", "selfblind")) {
  d <- read.csv(sprintf("references/within_%s.csv", name), stringsAsFactors = TRUE)
  d$condition <- relevel(d$condition, "placebo"); d$period <- factor(d$period); d$person <- factor(d$person)
  contrasts(d$condition) <- contr.sum(nlevels(d$condition)); contrasts(d$period) <- contr.sum(nlevels(d$period))
  if (name == "crossover") {
    contrasts(d$sequence) <- contr.sum(nlevels(d$sequence))
    result$crossover <- asked(lmer(score ~ condition + period + sequence + (1 | person), d, control = tight), ~condition)
  } else {
    result$selfblind <- asked(lmer(score ~ condition + time + (1 + time | person), d, control = tight), ~condition)
    result$selfblind_intercept <- asked(lmer(score ~ condition * time + (1 | person), d, control = tight), ~condition)
    ml <- lmer(score ~ condition + time + (1 + time | person), d, REML = FALSE, control = tight)
    result$selfblind_ml <- list(minus2 = -2 * as.numeric(logLik(ml)), aic = AIC(ml))
  }
}
d <- read.csv("references/within_selfblind.csv", stringsAsFactors = TRUE)
d$condition <- relevel(d$condition, "placebo"); d$index <- as.integer(factor(d$period))
control <- glsControl(maxIter = 500, msMaxIter = 2000, tolerance = 1e-12, msTol = 1e-14, opt = "nlminb")
structured <- function(correlation, weights = NULL) {
  fit <- gls(score ~ condition + time, d, correlation = correlation, weights = weights, control = control)
  list(minus2 = -2 * as.numeric(logLik(fit)), estimate = unname(coef(fit)["conditionmicrodose"]), se = sqrt(vcov(fit)["conditionmicrodose", "conditionmicrodose"]))
}
uneven <- corExp(form = ~time | person)
result$structures <- list(
  `compound-symmetry` = structured(corCompSymm(form = ~index | person)),
  ar1 = structured(corAR1(form = ~index | person)),
  `heterogeneous-ar1` = structured(corAR1(form = ~index | person), varIdent(form = ~1 | index)),
  `heterogeneous-compound-symmetry` = structured(corCompSymm(form = ~index | person), varIdent(form = ~1 | index)),
  `spatial-power` = structured(uneven)
)
result$software <- list(R = paste(R.version$major, R.version$minor, sep = "."), lme4 = as.character(packageVersion("lme4")),
  lmerTest = as.character(packageVersion("lmerTest")), pbkrtest = as.character(packageVersion("pbkrtest")),
  nlme = as.character(packageVersion("nlme")), emmeans = as.character(packageVersion("emmeans")))
write(toJSON(result, digits = 10, auto_unbox = TRUE, pretty = TRUE), "references/within_person.json")
