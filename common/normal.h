/*
 * The standard normal distribution, by its quantiles.
 */
#ifndef COMMON_NORMAL_H
#define COMMON_NORMAL_H

/* normal_quantile(0.99). */
#define NORMAL_99 2.3263478740408408

/*
 * The value that a standard normal variable stays below with probability p,
 * 0 < p < 1, to about 1 part in 10^16.
 */
double	normal_quantile(double p);

#endif
